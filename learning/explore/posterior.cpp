#include "learning/explore/posterior.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace hintd::learning {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Embeddings = Eigen::MatrixXf;  // one column a cell

}  // namespace

// The observations that bear on one query, its own first.
struct Posterior::Local {
  std::size_t own = 0;
  std::vector<std::uint32_t> queries;
  Embeddings embeddings;
  Vector residuals;
  Vector noise;
  Vector similarity;  // to the query
  Eigen::LLT<Matrix> solver;

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
  for (const auto& query : problem.queries) {
    runs_alike_.emplace_back(query.groups.size());
    group_of_.push_back(groups_by_arm(query, problem.arms));
  }
}

void Posterior::observe(std::size_t query, std::size_t group, const Cell& cell,
                        const Gaussian& belief) {
  if (cell.state == CellState::kCensored && !config_.learn_from_stopped) return;
  auto& row = points_[query];
  auto point = std::find_if(row.begin(), row.end(),
                            [&](const Point& p) { return p.observation.group == group; });
  if (point == row.end()) {
    point = row.insert(point, Point{{query, group, {}}});
    count_alike(query, group);
  }
  const double value = std::log(cell.seconds / problem_.queries[query].default_s);
  point->censored = cell.state == CellState::kCensored;
  point->bound = value;
  point->observation.value = point->censored ? censored_site(belief, value)
                                             : Gaussian{value, config_.noise_sd * config_.noise_sd};
}

void Posterior::count_alike(std::size_t query, std::size_t group) {
  std::vector<std::uint32_t> groups;
  const auto count = [&](std::size_t of, double part) {
    groups.clear();
    for (const auto arm : problem_.queries[query].groups[group].arms) {
      const auto shared = group_of_[of][arm];
      if (std::find(groups.begin(), groups.end(), shared) != groups.end()) continue;
      groups.push_back(shared);
      runs_alike_[of][shared] += part;
    }
  };
  count(query, 1);
  for (const auto& [other, similarity] : used_by_[query]) count(other, similarity * similarity);
}

void Posterior::refit() {
  std::vector<std::vector<Observation>> by_query(points_.size());
  for (std::size_t query = 0; query < points_.size(); ++query)
    for (const auto& point : points_[query]) by_query[query].push_back(point.observation);
  arms_.refit(by_query);
}

Posterior::Local Posterior::gather(std::size_t query) const {
  std::vector<const Observation*> used;
  for (const auto& point : points_[query]) used.push_back(&point.observation);
  const auto own = used.size();
  for (const auto other : neighbours_[query]) {
    if (used.size() >= config_.points) break;
    for (const auto& point : points_[other]) used.push_back(&point.observation);
  }

  const auto n = static_cast<Eigen::Index>(used.size());
  Local local{own, {}, Embeddings(arms_.arms(), n), Vector(n), Vector(n), Vector(n), {}};
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& [from, group, value] = *used[static_cast<std::size_t>(i)];
    local.queries.push_back(static_cast<std::uint32_t>(from));
    local.embeddings.col(i) = Eigen::Map<const Eigen::VectorXf>(
        arms_.embedding(from, group), static_cast<Eigen::Index>(arms_.arms()));
    local.residuals(i) = value.mean - arms_.mean(from, group).mean;
    local.noise(i) = value.variance;
    local.similarity(i) = similarity_(query, from);
  }
  Matrix covariance = (local.embeddings.transpose() * local.embeddings).cast<double>();
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < i; ++j)
      covariance(i, j) *= local.queries[i] == local.queries[j]
                              ? 1
                              : similarity_(local.queries[i], local.queries[j]);
  covariance.diagonal() += local.noise;
  local.solver.compute(covariance);  // reads the lower triangle alone
  return local;
}

std::vector<Gaussian> Posterior::predict(std::size_t query) {
  const auto groups = problem_.queries[query].groups.size();
  std::vector<Gaussian> beliefs(groups);
  Embeddings targets(arms_.arms(), groups);
  for (std::size_t group = 0; group < groups; ++group) {
    targets.col(group) = Eigen::Map<const Eigen::VectorXf>(arms_.embedding(query, group),
                                                           static_cast<Eigen::Index>(arms_.arms()));
    beliefs[group] = arms_.mean(query, group);
    beliefs[group].variance += targets.col(group).squaredNorm();
  }
  const Local local = gather(query);
  if (local.queries.empty()) return beliefs;
  local.condition(targets, beliefs);
  match_sites(query, beliefs);
  return beliefs;
}

double Posterior::open_share(std::size_t query, std::size_t group, const Gaussian& belief) const {
  const auto w = Eigen::Map<const Eigen::VectorXf>(arms_.embedding(query, group),
                                                   static_cast<Eigen::Index>(arms_.arms()));
  return std::min(1.0, belief.variance / (w.squaredNorm() + arms_.mean(query, group).variance));
}

void Posterior::Local::condition(const Embeddings& targets, std::vector<Gaussian>& beliefs) const {
  Matrix cross = (embeddings.transpose() * targets).cast<double>();
  cross.array().colwise() *= similarity.array();
  const Vector weights = solver.solve(residuals);
  const Matrix half = solver.matrixL().solve(cross);
  for (std::size_t group = 0; group < beliefs.size(); ++group) {
    beliefs[group].mean += cross.col(group).dot(weights);
    beliefs[group].variance =
        std::max(beliefs[group].variance - half.col(group).squaredNorm(), 1e-4);
  }
}

// A cell that was run: takes its own evidence out again, and matches its site to what remains.
// While the arms' effects are wild the evidence weighs more than the belief and stays, which does
// better than leaving it out (docs/benchmarks.md).
void Posterior::match_sites(std::size_t query, std::vector<Gaussian>& beliefs) {
  for (auto& point : points_[query]) {
    if (!point.censored) continue;
    auto& [from, group, site] = point.observation;
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
