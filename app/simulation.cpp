#include "app/simulation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "app/interrupt.h"
#include "core/log.h"
#include "core/statistics.h"
#include "database/postgres/retry.h"

namespace hintd::app {
namespace {

using database::demo::to_string;

constexpr const char* kPhaseNames[] = {"baseline", "learning", "optimised"};
constexpr int kStateEvery = 50;   // arrivals between two readings of the database's state
constexpr Seconds kSaveEvery{5};  // what a killed run may lose

}  // namespace

Simulation::Simulation(database::demo::SimulationConfig config, SimulationParts parts,
                       InlineExploring inline_exploring, Rng rng)
    : config_(config),
      parts_(parts),
      inline_(std::move(inline_exploring)),
      arrivals_(rng.split("arrivals")),
      traffic_(rng.split("traffic")),
      start_(parts.clock.now()) {}

Status Simulation::run() {
  HINTD_TRY_STATUS(parts_.save());
  const double optimised_share = 1 - config_.baseline_share - config_.learning_share;
  HINTD_TRY_STATUS(run_phase(Phase::kBaseline, config_.baseline_share));
  HINTD_TRY_STATUS(run_phase(Phase::kLearning, config_.learning_share));
  return run_phase(Phase::kOptimised, optimised_share);
}

Status Simulation::run_phase(Phase phase, double share) {
  const auto begin = parts_.clock.now();
  const auto length = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::duration<double>(config_.duration_days * share * 86400));
  const auto* name = kPhaseNames[static_cast<int>(phase)];
  parts_.events.record(PhaseStarted{begin, name});
  log_info("phase_started", {{"phase", name}});
  parts_.optimizer.set_mode(phase == Phase::kBaseline ? Mode::kObserve : Mode::kSteer);
  recent_ms_.clear();

  for (int arrival = 0; !interrupted(); ++arrival) {
    const auto next = next_arrival();
    if (next >= begin + length) break;
    wait_until(next);
    if (interrupted()) break;
    if (arrival % kStateEvery == 0)
      if (const auto state = parts_.executor.database_state())
        parts_.session.set_database_state(*state);
    const double part = Seconds(parts_.clock.now() - begin) / Seconds(length);
    if (phase == Phase::kLearning) parts_.upkeep.run_due(explore_budget(part));
    if (phase == Phase::kOptimised) parts_.upkeep.run_due(explore_budget(1));
    HINTD_TRY_STATUS(serve_one(phase));
    if (phase == Phase::kLearning) HINTD_TRY_STATUS(explore(part));
    HINTD_TRY_STATUS(save_if_due());
    show(phase, part);
  }
  if (interrupted()) return fail(ErrorKind::kCancelled, "interrupted");
  if (phase == Phase::kLearning) {
    HINTD_TRY_STATUS(explore(1));
    parts_.upkeep.learn_last();
    HINTD_TRY_STATUS(parts_.save());
  }
  if (phase == Phase::kBaseline && !recent_ms_.empty())
    baseline_mean_ms_ = std::reduce(recent_ms_.begin(), recent_ms_.end()) / recent_ms_.size();
  char line[160];
  std::snprintf(line, sizeof line, "%-10s %6zu queries  p50 %7.1f ms  p95 %7.1f ms  p99 %7.1f ms",
                name, recent_ms_.size(), median(recent_ms_), quantile(recent_ms_, 0.95),
                quantile(recent_ms_, 0.99));
  parts_.progress.say(line);
  return {};
}

void Simulation::wait_until(TimePoint next) {
  // In real time an arrival may be hours away: a signal must not wait for it.
  while (!interrupted() && parts_.clock.now() < next)
    parts_.clock.wait_until(std::min(next, parts_.clock.now() + std::chrono::seconds(1)));
}

Status Simulation::serve_one(Phase phase) {
  const auto& query = parts_.workload.draw(traffic_);
  const Statement statement{query.sql, query.template_name,
                            std::string(to_string(query.query_class))};
  const auto serve = [&]() -> Result<Served> {
    if (interrupted()) return fail(ErrorKind::kCancelled, "interrupted");
    return phase == Phase::kLearning ? parts_.session.run_exploring(statement, inline_)
                                     : parts_.session.run(statement);
  };
  auto served = serve();
  if (!served && served.error().kind == ErrorKind::kUnavailable) {
    parts_.progress.say("the server is away: " + served.error().message);
    parts_.events.record(SafetyEvent{parts_.clock.now(), "server_lost", 0, served.error().message});
    served = database::retry_until_available(parts_.real_clock, {}, serve);
    if (served) parts_.events.record(SafetyEvent{parts_.clock.now(), "server_found", 0, ""});
  }
  ++served_;
  if (!served) {
    ++failures_;
    log_error("query_failed", {{"query", query.template_name}, {"error", served.error().text()}});
    // Somebody else's cancel fails one statement; ours ends the run.
    const auto kind = served.error().kind;
    const bool goes_on =
        kind == ErrorKind::kQuery || (kind == ErrorKind::kCancelled && !interrupted());
    return goes_on ? Status{} : tl::make_unexpected(served.error());
  }
  recent_ms_.push_back(served->latency.count());
  if (phase == Phase::kLearning) learning_took_ += served->latency;
  const bool by_default = served->decision.arm == kDefaultArm && !served->joined;
  parts_.upkeep.hear(query.sql, served->parsed, by_default ? served->latency.count() : 0);
  if (served->decision.arm == kDefaultArm &&
      served->parsed.query_template->kind == StatementKind::kReadOnlySelect)
    parts_.explorer.offer(query.sql, served->parsed, served->latency);
  return {};
}

Millis Simulation::explore_budget(double part_of_phase) {
  const Millis planned = Seconds(config_.explore_budget_s * part_of_phase);
  const auto budget = std::max(planned, config_.explore_ratio * learning_took_);
  parts_.explore_budget_s =
      Seconds(std::max<Millis>(budget, Seconds(config_.explore_budget_s))).count();
  return budget;
}

Status Simulation::explore(double part_of_phase) {
  while (!interrupted() && parts_.upkeep.may_explore(explore_budget(part_of_phase))) {
    const auto worked = parts_.explorer.step();
    if (!worked && worked.error().kind != ErrorKind::kUnavailable)
      return tl::make_unexpected(worked.error());
    // Away: users' statements find out and wait for it.
    if (!worked || !*worked) break;
  }
  return {};
}

Status Simulation::save_if_due() {
  if (since_save_.elapsed() < kSaveEvery) return {};
  since_save_ = Stopwatch();
  return parts_.save();
}

TimePoint Simulation::next_arrival() {
  // A Poisson process whose rate follows the hour of the day, by thinning (Lewis and Shedler,
  // 1979): from 0.2 times the mean at four in the morning to 1.8 times at four in the afternoon.
  auto at = parts_.clock.now();
  while (true) {
    const double gap_hours = -std::log(1 - arrivals_.uniform()) / (1.8 * config_.queries_per_hour);
    at += std::chrono::microseconds(
        std::max<std::int64_t>(1, static_cast<std::int64_t>(std::llround(gap_hours * 3.6e9))));
    const double hour = std::fmod(Seconds(at.time_since_epoch()).count() / 3600, 24);
    const double rate = 1 - 0.8 * std::cos((hour - 4) / 24 * 2 * std::numbers::pi);
    if (arrivals_.uniform() < rate / 1.8) return at;
  }
}

void Simulation::show(Phase phase, double part_of_phase) {
  const double shares[] = {0, config_.baseline_share,
                           config_.baseline_share + config_.learning_share};
  const double widths[] = {config_.baseline_share, config_.learning_share,
                           1 - config_.baseline_share - config_.learning_share};
  const int index = static_cast<int>(phase);
  const double done = shares[index] + widths[index] * std::min(part_of_phase, 1.0);
  const double elapsed = watch_.elapsed().count() / 1000;
  const double mean = std::reduce(recent_ms_.begin(), recent_ms_.end()) /
                      std::max<std::size_t>(recent_ms_.size(), 1);
  char gain[32] = "";
  if (phase != Phase::kBaseline && mean > 0)
    std::snprintf(gain, sizeof gain, "  %.2fx", baseline_mean_ms_ / mean);
  char line[256];
  std::snprintf(
      line, sizeof line,
      "%s %-9s day %4.1f  %5.1f q/s  p50 %.1f ms  p95 %.1f ms%s  tries %ld  ETA %s + evaluation",
      bar(done).c_str(), kPhaseNames[index], Seconds(parts_.clock.now() - start_).count() / 86400,
      static_cast<double>(served_) / std::max(elapsed, 1e-3), median(recent_ms_),
      quantile(recent_ms_, 0.95), gain, static_cast<long>(parts_.explorer.tries()),
      duration_text(elapsed / std::max(done, 1e-3) * (1 - done)).c_str());
  parts_.progress.update(line);
}

}  // namespace hintd::app
