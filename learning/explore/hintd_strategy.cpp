#include "learning/explore/hintd_strategy.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hintd::learning {
namespace {

// Of the best latency: the timeouts that a trial may get.
constexpr std::array kShares = {0.03, 0.05, 0.08, 0.12, 0.18, 0.27, 0.4, 0.6, 0.8, 1.0};

// Of the log latency of a plan that nothing is known of, about the best known one's: as often
// better as worse, and by far.
constexpr double kSurpriseSd = 1.2;

}  // namespace

HintdStrategy::HintdStrategy(const ExplorationProblem& problem, Rng rng, HintdConfig config)
    : problem_(problem),
      config_(config),
      evidence_(problem),
      posterior_(problem, config.posterior),
      plans_(problem.queries.size()),
      beliefs_(problem.queries.size()),
      under_way_(problem.queries.size()) {
  for (const auto& query : problem.queries) {
    default_s_ += query.default_s;
    tie_break_.push_back(rng.uniform(0.99, 1.01));
  }
  for (std::size_t query = 0; query < plans_.size(); ++query) plan(query);
}

std::optional<Trial> HintdStrategy::next() {
  for (;;) {
    const auto best = most_promising();
    if (best == plans_.size()) return std::nullopt;
    if (!plans_[best].stale) return plans_[best].trial;
    plan(best);
  }
}

// As many as there are queries where none promises anything.
std::size_t HintdStrategy::most_promising() const {
  std::size_t best = plans_.size();
  double most = 0;
  for (std::size_t query = 0; query < plans_.size(); ++query)
    if (plans_[query].score > most && !under_way_[query]) {
      best = query;
      most = plans_[query].score;
    }
  return best;
}

void HintdStrategy::observe(const Trial& trial, const Outcome& outcome) {
  under_way_[trial.query] = false;
  const double default_s = problem_.queries[trial.query].default_s;
  const Gaussian belief = beliefs_[trial.query][trial.group];
  const double value = std::log(outcome.seconds / default_s);
  const Cell& before = evidence_.cell(trial.query, trial.group);
  BeliefCase ended{belief, {}, value, outcome.completed};
  if (before.state == CellState::kCensored)
    ended.known_bound = std::log(before.seconds / default_s);
  calibration_.record(ended);
  evidence_.record(trial, outcome);
  charged_s_ += outcome.seconds;
  posterior_.observe(trial.query, trial.group, evidence_.cell(trial.query, trial.group), belief);
  if (++observed_ >= refit_at_) return refit();
  mark_stale(trial.query, outcome.completed && value < belief.mean);
}

void HintdStrategy::refit() {
  refit_at_ = static_cast<std::size_t>(config_.refit_growth * static_cast<double>(observed_)) + 10;
  posterior_.refit();
  if (config_.calibrate) calibration_.refit();
  for (std::size_t query = 0; query < plans_.size(); ++query) plan(query);
}

// Bad news can wait until a stale plan comes up as the best; good news could raise one that is not.
void HintdStrategy::mark_stale(std::size_t query, bool good_news) {
  const auto& others = posterior_.used_by(query);
  for (const auto& other : others) plans_[other.query].stale = true;
  if (good_news)
    for (std::size_t i = 0; i < std::min(config_.told_at_once, others.size()); ++i)
      plan(others[i].query);
  plan(query);
}

double HintdStrategy::chance_of_surprise(std::size_t query, std::size_t group) const {
  // Stopped, it has shown already that it is not what was expected.
  if (evidence_.cell(query, group).state == CellState::kCensored) return config_.surprise;
  if (charged_s_ <= config_.surprise_after * default_s_) return 0;
  return config_.surprise / (1 + config_.surprise_fades * posterior_.runs_alike(query, group));
}

TailedNormal HintdStrategy::belief(std::size_t query, std::size_t group) const {
  Gaussian belief = beliefs_[query][group];
  belief.mean += std::log(problem_.queries[query].default_s);
  const double log_best = std::log(evidence_.best_s(query));
  return calibration_.corrected(belief).mixed_with(chance_of_surprise(query, group),
                                                   {log_best, kSurpriseSd * kSurpriseSd});
}

double HintdStrategy::stake(std::size_t query) const {
  double seconds = 0;
  for (const auto& [other, similarity] : posterior_.used_by(query))
    seconds += similarity * similarity * evidence_.best_s(other);
  return seconds / evidence_.best_s(query);
}

void HintdStrategy::plan(std::size_t query) {
  beliefs_[query] = posterior_.predict(query);
  const double lesson_stake = config_.lesson * stake(query);
  Plan best;
  best.stale = false;
  const double best_s = evidence_.best_s(query);
  // The shortest is always allowed.
  const auto allowed = std::max<std::ptrdiff_t>(
      1, std::upper_bound(kShares.begin(), kShares.end(), cap()) - kShares.begin());
  std::vector<double> timeouts(kShares.begin(), kShares.begin() + allowed);
  for (double& timeout : timeouts) timeout *= best_s;
  for (std::size_t group = 1; group < problem_.queries[query].groups.size(); ++group) {
    if (!evidence_.open(query, group)) continue;
    const double bound_s = evidence_.cell(query, group).seconds;
    const auto longer =
        std::lower_bound(timeouts.begin(), timeouts.end(), config_.retry_factor * bound_s);
    const Offer offer = best_offer(belief(query, group), bound_s, best_s, {longer, timeouts.end()});
    const double lesson =
        lesson_stake * posterior_.open_share(query, group, beliefs_[query][group]);
    const double score = offer.score * (1 + lesson) * tie_break_[query];
    if (score > best.score) best = {score, {query, group, offer.timeout_s}, false};
  }
  plans_[query] = best;
}

}  // namespace hintd::learning
