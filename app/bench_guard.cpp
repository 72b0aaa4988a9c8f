#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/commands.h"
#include "core/rng.h"
#include "core/statistics.h"
#include "safety/deadline.h"
#include "safety/failure_test.h"
#include "safety/policy_watch.h"
#include "safety/regression_guard.h"
#include "safety/safety_config.h"

namespace hintd::app {
namespace {

using nlohmann::json;

constexpr double kSpread = 0.3;  // standard deviation of log latency
constexpr double kTypicalMs = 100;

struct Noise {
  const char* name;
  double (*log_draw)(Rng&);  // of a run's latency, around that of its literals
  double slow_literals = 0;  // share of statements whose literals take twenty times as long
};

double log_normal(Rng& rng) {
  return kSpread * rng.normal();
}
// Student's t with three degrees of freedom: a variance, but no more.
double heavy(Rng& rng) {
  double squares = 0;
  for (int i = 0; i < 3; ++i) {
    const double x = rng.normal();
    squares += x * x;
  }
  return kSpread * rng.normal() / std::sqrt(squares / 3);
}
double hiccups(Rng& rng) {
  return log_normal(rng) + (rng.chance(0.05) ? std::log(10.0) : 0);
}
constexpr Noise kNoises[] = {{"log_normal", log_normal},
                             {"student_t3", heavy},
                             {"hiccups", hiccups},
                             {"two_kinds", log_normal, 0.4}};

struct Case {
  const char* name;
  double slowdown;
  int good_runs;  // before it slows down
};
constexpr Case kCases[] = {{"equal", 1, 0},
                           {"slower_2x", 2, 0},
                           {"slower_1.2x", 1.2, 0},
                           {"slower_2x_after_5000", 2, 5000},
                           {"slower_1.2x_after_5000", 1.2, 5000}};

// A statement's typical latency, and one run's.
double literals(const Noise& noise, Rng& rng) {
  return rng.chance(noise.slow_literals) ? 20 * kTypicalMs : kTypicalMs;
}
double run_of(double typical_ms, const Noise& noise, Rng& rng) {
  return typical_ms * std::exp(noise.log_draw(rng));
}
double latency(const Noise& noise, Rng& rng) {
  return run_of(literals(noise, rng), noise, rng);
}

// Runs until `found` says so, counted from the slowdown on; 0: a false alarm before it; infinite:
// not within `runs`.
double runs_until(const Case& which, int runs, const std::function<bool(bool slow)>& found) {
  for (int run = 0; run < which.good_runs; ++run)
    if (found(false)) return 0;
  for (int run = 1; run <= runs; ++run)
    if (found(true)) return run;
  return std::numeric_limits<double>::infinity();
}

double guard_delay(const Noise& noise, const Case& which, const BenchGuardCommand& command,
                   Rng rng) {
  safety::RegressionGuard guard(safety::SafetyConfig{}.false_alarms);
  for (int i = 0; i < command.baseline; ++i) guard.default_run(1, {{}, latency(noise, rng)});
  const auto all = [](const safety::DefaultRun&) { return true; };
  return runs_until(which, command.runs, [&](bool slow) {
    const double ms = latency(noise, rng) * (slow ? which.slowdown : 1);
    return guard.hinted_run(1, 1, Millis(ms), all).has_value();
  });
}

// Ten templates over two decades of latencies. Past its deadline an arm is joined by the default.
double watch_delay(const Noise& noise, const Case& which, const BenchGuardCommand& command,
                   Rng rng) {
  constexpr int kGuardedTemplates = 10;
  struct Known {
    double factor;
    double median_ms;
    safety::PolicyWatch::Baseline baseline;
  };
  const safety::SafetyConfig config;
  std::vector<Known> templates;
  for (int i = 0; i < kGuardedTemplates; ++i) {
    const double factor = std::pow(10, 0.25 * i) / 10;
    std::vector<double> sample;
    for (int j = 0; j < command.baseline; ++j) sample.push_back(factor * latency(noise, rng));
    const auto n = static_cast<double>(sample.size());
    const double mean = std::reduce(sample.begin(), sample.end()) / n;
    double squares = 0;
    for (const double ms : sample) squares += (ms - mean) * (ms - mean);
    templates.push_back({factor,
                         median(sample),
                         {safety::LatencyScale(sample), mean, std::sqrt(squares / (n - 1) / n)}});
  }
  constexpr double kOthers = 1 - safety::FailureTest::kShareOfAlarms;
  safety::PolicyWatch watch(config.rollback_threshold, kOthers * config.false_alarms);
  safety::FailureTest failures(safety::FailureTest::kShareOfAlarms * config.false_alarms);
  return runs_until(which, command.runs, [&](bool slow) {
    const auto which_one = rng.below(kGuardedTemplates);
    const auto& known = templates[which_one];
    const double typical_ms = known.factor * literals(noise, rng);
    const double arm_ms = run_of(typical_ms, noise, rng) * (slow ? which.slowdown : 1);
    const double default_ms = run_of(typical_ms, noise, rng);
    const double joined_ms =
        safety::joins_after(config, Millis(known.median_ms)).count() + default_ms;
    safety::DeadlineOutcome outcome;
    outcome.timed_out = arm_ms > joined_ms;
    outcome.arm_latency = Millis(std::min(arm_ms, joined_ms));
    outcome.execution.latency = Millis(default_ms);
    const bool too_many = failures.too_many(safety::far_slower(config, outcome));
    return watch.too_slow(which_one, outcome.arm_latency.count(), known.baseline) || too_many;
  });
}

json figures(const std::vector<double>& delays) {
  std::vector<double> found;
  std::size_t false_alarms = 0;
  for (const double delay : delays) {
    false_alarms += delay == 0;
    if (delay > 0) found.push_back(delay);
  }
  const auto n = static_cast<double>(delays.size());
  const auto missed = std::count_if(found.begin(), found.end(), [](double d) { return d > 1e9; });
  // Of those that were good until the slowdown; what was never found counts as endless.
  const auto at = [&](double p) -> json {
    std::sort(found.begin(), found.end());
    if (found.empty()) return nullptr;
    const double value = found[static_cast<std::size_t>(p * static_cast<double>(found.size() - 1))];
    return std::isfinite(value) ? json(value) : json("not found");
  };
  return {{"median_runs", at(0.5)},
          {"p95_runs", at(0.95)},
          {"never", static_cast<double>(missed) / n},
          {"before_the_slowdown", static_cast<double>(false_alarms) / n}};
}

using Delay = double (*)(const Noise&, const Case&, const BenchGuardCommand&, Rng);

json measure(const char* what, Delay delay, const BenchGuardCommand& command) {
  json result;
  for (const auto& noise : kNoises) {
    for (const auto& which : kCases) {
      const Rng rng = Rng(1).split(what).split(noise.name).split(which.name);
      std::vector<double> delays;
      for (int i = 0; i < command.repetitions; ++i)
        delays.push_back(delay(noise, which, command, rng.split(std::to_string(i))));
      auto found = figures(delays);
      if (which.slowdown == 1) found = {{"false_rollbacks", 1 - found.at("never").get<double>()}};
      result[noise.name][which.name] = found;
    }
  }
  return result;
}

void print(const json& result) {
  for (const auto& [what, noises] : result.items())
    for (const auto& [noise, cases] : noises.items())
      for (const auto& [name, found] : cases.items())
        std::printf("%-7s %-11s %-23s %s\n", what.c_str(), noise.c_str(), name.c_str(),
                    found.dump().c_str());
}

}  // namespace

int bench_guard(const CommonOptions& common, const BenchGuardCommand& command) {
  const json result = {{"arm", measure("arm", guard_delay, command)},
                       {"policy", measure("policy", watch_delay, command)}};
  if (common.json)
    std::printf("%s\n", result.dump(2).c_str());
  else
    print(result);
  return kExitDone;
}

}  // namespace hintd::app
