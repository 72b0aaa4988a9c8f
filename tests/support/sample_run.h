// A made-up run that has everything a report can show.
#pragma once

#include <cmath>
#include <vector>

#include "core/event.h"
#include "core/rng.h"

namespace hintd::telemetry {

struct SampleRun {
  int templates = 24;
  int queries_per_phase = 3000;
  int training_steps = 900;
  std::uint64_t seed = 7;

  std::vector<Event> events() const;

 private:
  TimePoint at(double day) const {
    return TimePoint{} + std::chrono::seconds{1'767'225'600 + std::llround(day * 86400)};
  }
  void add_statements(std::vector<Event>& events, Rng& rng, double first_day, double days,
                      double learned) const;
  void add_evaluation(std::vector<Event>& events, Rng& rng) const;
  double base_ms(int index) const { return 2.0 * std::pow(1.3, index); }
  double gain(int index) const { return index % 5 == 0 ? 1.0 : 1.0 + index % 7; }
};

inline void SampleRun::add_statements(std::vector<Event>& events, Rng& rng, double first_day,
                                      double days, double learned) const {
  for (int i = 0; i < queries_per_phase; ++i) {
    const auto index = static_cast<int>(rng.below(static_cast<std::uint64_t>(templates)));
    const bool hinted = gain(index) > 1 && rng.chance(learned);
    QueryObserved query;
    query.time = at(first_day + days * i / queries_per_phase);
    query.fingerprint = static_cast<std::uint64_t>(index) + 1;
    query.decision.arm = hinted ? static_cast<ArmId>(1 + index % 3) : kDefaultArm;
    query.decision.reason = hinted ? DecisionReason::kVerified : DecisionReason::kNoWinner;
    query.latency =
        Millis{base_ms(index) * std::exp(0.3 * rng.normal()) / (hinted ? gain(index) : 1.0)};
    query.arm_latency = query.latency;
    query.timed_out = hinted && rng.chance(0.01);
    if (rng.chance(0.001)) query.error = "57014: canceling statement due to user request";
    events.emplace_back(query);
  }
}

inline void SampleRun::add_evaluation(std::vector<Event>& events, Rng& rng) const {
  for (int i = 0; i < templates * 2; ++i) {
    const int index = i % templates;
    QueryEvaluated query;
    query.time = at(14);
    query.split = index % 6 == 5 ? "unseen_templates" : "seen_templates";
    query.query = "template_" + std::to_string(index) + "#" + std::to_string(i / templates);
    query.fingerprint = static_cast<std::uint64_t>(index) + 1;
    query.arm = gain(index) > 1 ? static_cast<ArmId>(1 + index % 3) : kDefaultArm;
    query.oracle_arm = query.arm;
    query.reason = gain(index) > 1 ? DecisionReason::kVerified : DecisionReason::kNoWinner;
    query.default_ms = base_ms(index) * rng.uniform(0.7, 1.4);
    query.oracle_ms = query.default_ms / gain(index);
    query.learned_ms = query.oracle_ms * rng.uniform(1.0, 1.15);
    if (i == 10) query.learned_ms = query.default_ms * 1.31;
    query.ratio = query.learned_ms / query.default_ms;
    query.ci_low = query.ratio * 0.94;
    query.ci_high = query.ratio * 1.06;
    query.pairs = 5;
    query.distinct_plans = 9;
    events.emplace_back(query);
  }
}

inline std::vector<Event> SampleRun::events() const {
  Rng rng(seed);
  std::vector<Event> events;
  RunStarted run;
  run.time = at(0);
  run.command = "demo";
  run.seed = 42;
  run.scale = 0.1;
  run.duration_days = 14;
  run.server_version = "PostgreSQL 15.14 (Debian 15.14-0+deb12u1)";
  run.configuration =
      R"({"agent":{"discount":0.0,"heads":7,"learning_rate":0.001},"steer":{"min_latency_ms":5}})";
  run.arms = {"default", "no_nested_loop", "join_collapse_1", "no_hash_aggregate"};
  events.emplace_back(run);
  for (int i = 0; i < templates; ++i) {
    events.emplace_back(TemplateSeen{static_cast<std::uint64_t>(i) + 1,
                                     "template_" + std::to_string(i), "SELECT $1",
                                     i % 2 == 0 ? "analytical" : "join_multiple"});
  }
  events.emplace_back(PhaseStarted{at(0), "baseline"});
  add_statements(events, rng, 0, 3, 0);
  events.emplace_back(PhaseStarted{at(3), "learning"});
  add_statements(events, rng, 3, 8, 0.5);
  for (int i = 0; i < training_steps; ++i) {
    const double decay = std::exp(-i / 200.0);
    events.emplace_back(TrainingStep{at(3 + 8.0 * i / training_steps), i + 1,
                                     0.02 + 0.4 * decay * rng.uniform(0.7, 1.3), 0.05 + 0.5 * decay,
                                     0.1 + 0.3 * decay, 64 * (i + 1)});
  }
  events.emplace_back(PolicyPublished{at(5), 1, 10, 4, "{}"});
  events.emplace_back(PolicyPublished{at(9), 2, 20, 15, "{}"});
  events.emplace_back(
      SafetyEvent{at(6), "deadline_passed", 3, "arm=no_nested_loop deadline_ms=41"});
  events.emplace_back(SafetyEvent{at(7), "server_lost", 0, "reconnected after 3 tries"});
  events.emplace_back(
      SafetyEvent{at(8), "deadline_passed", 5, "arm=join_collapse_1 deadline_ms=9"});
  QueryObserved explored;
  explored.time = at(4);
  explored.fingerprint = 2;
  explored.kind = RunKind::kExplorer;
  explored.arm_latency = Millis{1500};
  for (int i = 0; i < 40; ++i) events.emplace_back(explored);
  events.emplace_back(PhaseStarted{at(11), "optimised"});
  add_statements(events, rng, 11, 3, 1);
  add_evaluation(events, rng);
  events.emplace_back(RunFinished{at(14), "completed"});
  return events;
}

}  // namespace hintd::telemetry
