#include "learning/explore/limeqo_strategy.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace hintd::learning {

// values ~ queries_ * arms_', both factors non-negative.
class LimeqoStrategy::Completion {
 public:
  Completion(std::size_t queries, std::size_t arms)
      : known_(Matrix::Zero(queries, arms)), bound_(known_), value_(known_), filled_(known_) {}

  void set(std::size_t query, ArmId arm, const Cell& cell) {
    known_(query, arm) = cell.state == CellState::kExact ? 1 : 0;
    bound_(query, arm) = cell.state == CellState::kCensored ? std::log1p(cell.seconds) : 0;
    value_(query, arm) = cell.state == CellState::kExact ? std::log1p(cell.seconds) : 0;
  }

  void complete(const LimeqoConfig& config, Rng& rng) {
    const auto uniform = [&rng] { return rng.uniform(); };
    queries_ = Matrix::NullaryExpr(known_.rows(), config.rank, uniform);
    arms_ = Matrix::NullaryExpr(known_.cols(), config.rank, uniform);
    for (int i = 0; i < config.iterations; ++i) {
      fill();
      queries_ = solve(filled_, arms_, config.lambda);
      fill();
      arms_ = solve(filled_.transpose(), queries_, config.lambda);
    }
    fill();
  }

  double predicted(std::size_t query, ArmId arm) const { return filled_(query, arm); }

 private:
  using Matrix = Eigen::MatrixXd;

  // Observed cells keep their value; the others take the model's, but not below what they are known
  // to exceed.
  void fill() {
    filled_.noalias() = queries_ * arms_.transpose();
    filled_ = (known_.array() > 0).select(value_, filled_.cwiseMax(bound_));
  }

  static Matrix solve(const Matrix& target, const Matrix& factor, double lambda) {
    Matrix gram = factor.transpose() * factor;
    gram.diagonal().array() += lambda;
    return gram.ldlt().solve(factor.transpose() * target.transpose()).transpose().cwiseMax(0);
  }

  Matrix known_, bound_, value_, filled_, queries_, arms_;
};

LimeqoStrategy::LimeqoStrategy(const ExplorationProblem& problem, Rng rng, LimeqoConfig config)
    : problem_(problem),
      config_(config),
      rng_(rng),
      evidence_(problem),
      completion_(std::make_unique<Completion>(problem.queries.size(), problem.arms)) {
  for (std::size_t query = 0; query < problem.queries.size(); ++query)
    for (const auto arm : problem.queries[query].groups[kDefaultGroup].arms)
      completion_->set(query, arm, evidence_.cell(query, kDefaultGroup));
}

LimeqoStrategy::~LimeqoStrategy() = default;

std::optional<Trial> LimeqoStrategy::next() {
  if (batch_.empty()) plan_batch();
  if (batch_.empty()) return std::nullopt;
  const Trial trial = batch_.front();
  batch_.pop_front();
  return trial;
}

void LimeqoStrategy::observe(const Trial& trial, const Outcome& outcome) {
  evidence_.record(trial, outcome);
  for (const auto arm : problem_.queries[trial.query].groups[trial.group].arms)
    completion_->set(trial.query, arm, evidence_.cell(trial.query, trial.group));
}

double LimeqoStrategy::predicted_s(std::size_t query, std::size_t group) const {
  const auto& arms = problem_.queries[query].groups[group].arms;
  double sum = 0;
  for (const auto arm : arms) sum += std::expm1(completion_->predicted(query, arm));
  return std::max(sum / static_cast<double>(arms.size()), 1e-6);
}

void LimeqoStrategy::plan_batch() {
  completion_->complete(config_, rng_);
  struct Candidate {
    double improvement;
    Trial trial;
  };
  std::vector<Candidate> candidates;
  for (std::size_t query = 0; query < problem_.queries.size(); ++query) {
    const double best = evidence_.best_s(query);
    std::optional<Candidate> candidate;
    for (std::size_t group = 1; group < problem_.queries[query].groups.size(); ++group) {
      if (!evidence_.open(query, group)) continue;
      const double predicted = predicted_s(query, group);
      const double improvement = (best - predicted) / predicted;
      const double timeout = std::min(best, config_.timeout_factor * predicted);
      if (timeout <= evidence_.cell(query, group).seconds) continue;
      if (!candidate || improvement > candidate->improvement)
        candidate = Candidate{improvement, {query, group, timeout}};
    }
    if (candidate) candidates.push_back(*candidate);
  }
  // Where fewer queries than the batch holds promise anything, the rest is drawn at random.
  rng_.shuffle(candidates);
  std::stable_sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
    return std::max(a.improvement, 0.0) > std::max(b.improvement, 0.0);
  });
  const auto size = std::max<std::size_t>(
      1, static_cast<std::size_t>(config_.batch_share * problem_.queries.size()));
  for (std::size_t i = 0; i < std::min(size, candidates.size()); ++i)
    batch_.push_back(candidates[i].trial);
}

}  // namespace hintd::learning
