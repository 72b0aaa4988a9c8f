#include "learning/explore/arm_model.h"

#include <Eigen/Dense>
#include <cmath>

namespace hintd::learning {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr double kShared = 0.35;   // by all arms
constexpr double kMeaning = 0.45;  // by arms of like meaning
constexpr double kOwn = 0.20;

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t f = 0; f < a.size(); ++f) sum += std::abs(a[f] - b[f]);
  return sum;
}

}  // namespace

std::vector<double> prior_arm_covariance(const ExplorationProblem& problem, bool use_meaning) {
  std::vector<double> covariance(problem.arms * problem.arms);
  for (std::size_t a = 0; a < problem.arms; ++a)
    for (std::size_t b = 0; b < problem.arms; ++b) {
      const double meaning =
          problem.arm_features.empty() || !use_meaning
              ? (a == b ? 1.0 : 0.0)
              : std::exp(-distance(problem.arm_features[a], problem.arm_features[b]));
      covariance[a * problem.arms + b] = kShared + kMeaning * meaning + (a == b ? kOwn : 0);
    }
  return covariance;
}

class ArmModel::Impl {
 public:
  Impl(const ExplorationProblem& problem, ArmModelConfig config)
      : problem_(problem), config_(config) {
    const auto n = static_cast<Eigen::Index>(problem.arms);
    const auto prior = prior_arm_covariance(problem, config.use_meaning);
    prior_ = Eigen::Map<const Matrix>(prior.data(), n, n) * config.prior_variance;
    covariance_ = prior_;
    from_default_.assign(problem.arms, 0);
    if (config.use_meaning)
      for (std::size_t arm = 0; arm < problem.arm_features.size(); ++arm)
        from_default_[arm] = distance(problem.arm_features[arm], problem.arm_features[kDefaultArm]);
    double sum = 0;
    double squares = 0;
    for (const auto& query : problem.queries) {
      const double log_default = std::log(query.default_s);
      sum += log_default;
      squares += log_default * log_default;
    }
    const double count = std::max<double>(1, static_cast<double>(problem.queries.size()));
    centre_ = sum / count;
    spread_ = std::sqrt(std::max(squares / count - centre_ * centre_, 1e-6));
    effect_prior_precision_ = Matrix::Zero(2 * n, 2 * n);
    const Matrix inverse = prior_.inverse();
    effect_prior_precision_.topLeftCorner(n, n) = inverse / config.mean_share;
    effect_prior_precision_.bottomRightCorner(n, n) = inverse / config.slope_share;
    effect_mean_ = effect_prior_mean();
    effect_covariance_ = effect_prior_precision_.inverse();
    offsets_.push_back(0);
    for (const auto& query : problem.queries)
      offsets_.push_back(offsets_.back() + query.groups.size());
    tabulate();
  }

  void refit(const std::vector<std::vector<Observation>>& by_query) {
    refit_effects(by_query);
    if (config_.learn_covariance) refit_covariance(by_query);
    tabulate();
  }

  Gaussian mean(std::size_t query, std::size_t group) const {
    return means_[offsets_[query] + group];
  }
  const float* embedding(std::size_t query, std::size_t group) const {
    return embeddings_.data() + (offsets_[query] + group) * problem_.arms;
  }
  std::size_t arms() const { return problem_.arms; }
  ArmEffects effects() const {
    ArmEffects effects;
    const auto n = prior_.rows();
    for (Eigen::Index arm = 0; arm < n; ++arm)
      effects.push_back(ArmEffect{effect_mean_(arm), effect_mean_(n + arm)});
    return effects;
  }

 private:
  Vector effect_prior_mean() const {
    Vector mean = Vector::Zero(2 * prior_.rows());
    mean.head(prior_.rows()).setConstant(config_.prior_mean);
    if (!config_.use_effects) return mean;
    for (std::size_t arm = 0; arm < problem_.arm_effects.size(); ++arm) {
      const auto place = static_cast<Eigen::Index>(arm);
      if (const auto& effect = problem_.arm_effects[arm]) {
        mean(place) = effect->mean;
        mean(prior_.rows() + place) = effect->slope;
      }
    }
    return mean;
  }

  double slope_input(std::size_t query) const {
    return (std::log(problem_.queries[query].default_s) - centre_) / spread_;
  }

  Vector group_vector(std::size_t query, std::size_t group) const {
    const auto& arms = problem_.queries[query].groups[group].arms;
    Vector v = Vector::Zero(prior_.rows());
    for (const auto arm : arms) v(arm) = 1.0 / static_cast<double>(arms.size());
    return v;
  }

  // Where arms share a plan, the one that differs most from the default says most of what the plan
  // can be: one that forbids two operators leaves less than one that forbids either. Taken for the
  // mean of its arms, a plan of many would be close to every other, and runs of those that were
  // stopped would rule it out. Varies as much as a plan that a single arm gives.
  Vector deviation_input(std::size_t query, std::size_t group) const {
    const auto& arms = problem_.queries[query].groups[group].arms;
    Vector v = Vector::Zero(prior_.rows());
    double most = 0;
    for (const auto arm : arms) most = std::max(most, from_default_[arm]);
    for (const auto arm : arms) v(arm) = from_default_[arm] == most ? 1 : 0;
    return v * std::sqrt(v.dot(covariance_.diagonal()) / (v.sum() * v.dot(covariance_ * v)));
  }

  Vector effect_input(std::size_t query, std::size_t group) const {
    const Vector v = group_vector(query, group);
    Vector input(2 * v.size());
    input << v, v * slope_input(query);
    return input;
  }

  // Observations of one query share their deviation: they are weighed by their joint covariance.
  void refit_effects(const std::vector<std::vector<Observation>>& by_query) {
    Matrix precision = effect_prior_precision_;
    Vector weighted = effect_prior_precision_ * effect_prior_mean();
    for (const auto& row : by_query) {
      if (row.empty()) continue;
      const auto [inputs, groups, values, noise] = unpack(row);
      Matrix joint = groups * covariance_ * groups.transpose();
      joint.diagonal() += noise;
      const Eigen::LLT<Matrix> solver(joint);
      const Matrix solved = solver.solve(inputs);
      precision.noalias() += inputs.transpose() * solved;
      weighted.noalias() += solved.transpose() * values;
    }
    const Eigen::LLT<Matrix> solver(precision);
    effect_mean_ = solver.solve(weighted);
    effect_covariance_ = solver.solve(Matrix::Identity(precision.rows(), precision.cols()));
  }

  void refit_covariance(const std::vector<std::vector<Observation>>& by_query) {
    Matrix sum = prior_ * config_.prior_queries;
    double count = config_.prior_queries;
    for (const auto& row : by_query) {
      if (row.empty()) continue;
      const auto [inputs, groups, values, noise] = unpack(row);
      const Matrix cross = covariance_ * groups.transpose();
      Matrix joint = groups * cross;
      joint.diagonal() += noise;
      const Eigen::LLT<Matrix> solver(joint);
      const Vector expected = cross * solver.solve(values - inputs * effect_mean_);
      sum.noalias() += expected * expected.transpose();
      sum.noalias() += covariance_ - cross * solver.solve(cross.transpose());
      count += 1;
    }
    covariance_ = sum / count;
  }

  struct Unpacked {
    Matrix inputs, groups;
    Vector values, noise;
  };
  Unpacked unpack(const std::vector<Observation>& row) const {
    const auto n = static_cast<Eigen::Index>(row.size());
    Unpacked all{Matrix(n, 2 * prior_.rows()), Matrix(n, prior_.rows()), Vector(n), Vector(n)};
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto& [query, group, value] = row[static_cast<std::size_t>(i)];
      all.inputs.row(i) = effect_input(query, group);
      all.groups.row(i) = deviation_input(query, group);
      all.values(i) = value.mean;
      all.noise(i) = value.variance;
    }
    return all;
  }

  void tabulate() {
    const Matrix root = covariance_.llt().matrixL();
    means_.resize(offsets_.back());
    embeddings_.resize(offsets_.back() * problem_.arms);
    for (std::size_t query = 0; query < problem_.queries.size(); ++query)
      for (std::size_t group = 0; group < problem_.queries[query].groups.size(); ++group) {
        const auto cell = offsets_[query] + group;
        const Vector w = root.transpose() * deviation_input(query, group);
        for (std::size_t a = 0; a < problem_.arms; ++a)
          embeddings_[cell * problem_.arms + a] =
              static_cast<float>(w(static_cast<Eigen::Index>(a)));
        const Vector input = effect_input(query, group);
        means_[cell] = {input.dot(effect_mean_), input.dot(effect_covariance_ * input)};
      }
  }

  const ExplorationProblem& problem_;
  ArmModelConfig config_;
  Matrix prior_, covariance_;
  std::vector<double> from_default_;  // by arm: how many features differ
  double centre_ = 0;
  double spread_ = 1;
  Matrix effect_prior_precision_, effect_covariance_;
  Vector effect_mean_;
  std::vector<std::size_t> offsets_;  // of a query's first cell
  std::vector<Gaussian> means_;
  std::vector<float> embeddings_;
};

ArmModel::ArmModel(const ExplorationProblem& problem, ArmModelConfig config)
    : impl_(std::make_unique<Impl>(problem, config)) {}
ArmModel::~ArmModel() = default;
void ArmModel::refit(const std::vector<std::vector<Observation>>& by_query) {
  impl_->refit(by_query);
}
Gaussian ArmModel::mean(std::size_t query, std::size_t group) const {
  return impl_->mean(query, group);
}
const float* ArmModel::embedding(std::size_t query, std::size_t group) const {
  return impl_->embedding(query, group);
}
ArmEffects ArmModel::effects() const {
  return impl_->effects();
}
std::size_t ArmModel::arms() const {
  return impl_->arms();
}

}  // namespace hintd::learning
