#include "learning/explore/posterior.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace hintd::learning {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Embeddings = Eigen::MatrixXf;  // one column a cell

constexpr double kLeastVariance = 1e-4;

}  // namespace

// The points that bear on one query, its own first.
struct Posterior::Local {
  explicit Local(std::vector<const Point*> used);

  std::vector<const Point*> points;
  Embeddings embeddings;
  Vector similarity;  // to the query
  Vector prior;       // means
  Vector residuals;   // of the observations from them
  Vector noise;       // variances of the observations
  Matrix covariance;  // prior, without the noise; the lower triangle
  Eigen::LLT<Matrix> solver;

  void solve();
  // Matches the sites of censored points anew, each to what all the others say of it.
  void match_sites();
  // Turns prior beliefs of the query's cells into posterior ones.
  void condition(const Embeddings& targets, std::vector<Gaussian>& beliefs) const;
};

Posterior::Posterior(const ExplorationProblem& problem, PosteriorConfig config)
    : problem_(problem),
      config_(config),
      similarity_(problem, config.scales),
      arms_(problem, config.arms),
      points_(problem.queries.size()),
      used_by_(problem.queries.size()) {
  for (std::size_t query = 0; query < problem.queries.size(); ++query) {
    auto nearest = similarity_.nearest(query, config.neighbours);
    std::erase_if(nearest,
                  [&](auto other) { return similarity_(query, other) < config_.least_similarity; });
    for (const auto other : nearest)
      used_by_[other].push_back(
          {static_cast<std::uint32_t>(query), static_cast<float>(similarity_(query, other))});
    neighbours_.push_back(std::move(nearest));
  }
  for (auto& others : used_by_)
    std::stable_sort(others.begin(), others.end(),
                     [](const auto& a, const auto& b) { return a.similarity > b.similarity; });
}

void Posterior::observe(std::size_t query, std::size_t group, const Cell& cell,
                        const Gaussian& belief) {
  if (cell.state == CellState::kCensored && !config_.learn_from_stopped) return;
  auto& row = points_[query];
  auto point = std::find_if(row.begin(), row.end(),
                            [&](const Point& p) { return p.observation.group == group; });
  if (point == row.end()) point = row.insert(point, Point{{query, group, {}}});
  const double value = std::log(cell.seconds / problem_.queries[query].default_s);
  point->censored = cell.state == CellState::kCensored;
  point->bound = value;
  point->observation.value = point->censored ? censored_site(belief, value)
                                             : Gaussian{value, config_.noise_sd * config_.noise_sd};
}

void Posterior::refit() {
  std::vector<std::vector<Observation>> by_query(points_.size());
  for (std::size_t query = 0; query < points_.size(); ++query)
    for (const auto& point : points_[query]) by_query[query].push_back(point.observation);
  arms_.refit(by_query);
}

Posterior::Local::Local(std::vector<const Point*> used) : points(std::move(used)) {
  const auto n = static_cast<Eigen::Index>(points.size());
  similarity = prior = residuals = noise = Vector(n);
}

void Posterior::Local::solve() {
  Matrix noisy = covariance;
  noisy.diagonal() += noise;
  solver.compute(noisy);  // reads the lower triangle alone
}

// With A the inverse of the noisy covariance and r the residuals, all others expect of point i
// r_i - (A r)_i / A_ii, with variance 1 / A_ii - noise_i (Rasmussen and Williams, 5.12).
void Posterior::Local::match_sites() {
  const auto n = noise.size();
  const Matrix root = solver.matrixL().solve(Matrix::Identity(n, n));
  const Vector inverse_diagonal = root.colwise().squaredNorm();
  const Vector weights = solver.solve(residuals);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& point = *points[static_cast<std::size_t>(i)];
    const double variance = 1 / inverse_diagonal(i) - noise(i);
    if (!point.censored || variance < kLeastVariance) continue;
    const double mean = prior(i) + residuals(i) - weights(i) / inverse_diagonal(i);
    const auto site = censored_site({mean, variance}, point.bound);
    residuals(i) = site.mean - prior(i);
    noise(i) = site.variance;
  }
}

Posterior::Local Posterior::gather(std::size_t query) const {
  std::vector<const Point*> used;
  for (const auto& point : points_[query]) used.push_back(&point);
  for (const auto other : neighbours_[query]) {
    if (used.size() >= config_.points) break;
    for (const auto& point : points_[other]) used.push_back(&point);
  }

  Local local(std::move(used));
  const auto n = local.noise.size();
  const auto dimensions = static_cast<Eigen::Index>(arms_.dimensions());
  local.embeddings.resize(dimensions, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& [from, group, value] = local.points[static_cast<std::size_t>(i)]->observation;
    local.embeddings.col(i) =
        Eigen::Map<const Eigen::VectorXf>(arms_.embedding(from, group), dimensions);
    local.prior(i) = arms_.mean(from, group).mean;
    local.residuals(i) = value.mean - local.prior(i);
    local.noise(i) = value.variance;
    local.similarity(i) = similarity_(query, from);
  }
  local.covariance = (local.embeddings.transpose() * local.embeddings).cast<double>();
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < i; ++j) {
      const auto a = local.points[static_cast<std::size_t>(i)]->observation.query;
      const auto b = local.points[static_cast<std::size_t>(j)]->observation.query;
      if (a != b) local.covariance(i, j) *= similarity_(a, b);
    }
  for (int sweep = 0; sweep < config_.sweeps; ++sweep) {
    local.solve();
    local.match_sites();
  }
  local.solve();
  return local;
}

std::vector<Gaussian> Posterior::predict(std::size_t query) {
  const auto groups = problem_.queries[query].groups.size();
  std::vector<Gaussian> beliefs(groups);
  const auto dimensions = static_cast<Eigen::Index>(arms_.dimensions());
  Embeddings targets(dimensions, groups);
  for (std::size_t group = 0; group < groups; ++group) {
    targets.col(group) =
        Eigen::Map<const Eigen::VectorXf>(arms_.embedding(query, group), dimensions);
    beliefs[group] = {arms_.mean(query, group).mean, targets.col(group).squaredNorm()};
  }
  const Local local = gather(query);
  if (!local.points.empty()) local.condition(targets, beliefs);
  leave_out(query, local, beliefs);
  for (std::size_t group = 0; group < groups; ++group)
    beliefs[group].variance += arms_.mean(query, group).variance;
  return beliefs;
}

void Posterior::Local::condition(const Embeddings& targets, std::vector<Gaussian>& beliefs) const {
  Matrix cross = (embeddings.transpose() * targets).cast<double>();
  cross.array().colwise() *= similarity.array();
  const Vector weights = solver.solve(residuals);
  const Matrix half = solver.matrixL().solve(cross);
  for (std::size_t group = 0; group < beliefs.size(); ++group) {
    beliefs[group].mean += cross.col(group).dot(weights);
    beliefs[group].variance =
        std::max(beliefs[group].variance - half.col(group).squaredNorm(), kLeastVariance);
  }
}

// A cell that was stopped: takes its own evidence out again, and matches its site to what remains.
void Posterior::leave_out(std::size_t query, const Local& local, std::vector<Gaussian>& beliefs) {
  for (std::size_t i = 0; i < points_[query].size(); ++i) {
    auto& point = points_[query][i];
    if (!point.censored) continue;
    auto& [from, group, site] = point.observation;
    const auto at = static_cast<Eigen::Index>(i);
    site = {local.prior(at) + local.residuals(at), local.noise(at)};
    Gaussian& belief = beliefs[group];
    const double precision = 1 / belief.variance - 1 / site.variance;
    if (precision > 1e-3) {
      const double weighted = belief.mean / belief.variance - site.mean / site.variance;
      belief = {weighted / precision, 1 / precision};
      site = censored_site(belief, point.bound);
    }
  }
}

}  // namespace hintd::learning
