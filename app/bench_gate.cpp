#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/demo_database.h"
#include "app/interrupt.h"
#include "app/sandbox.h"
#include "core/template_cache.h"
#include "database/demo/workload.h"
#include "learning/policy/policy_learner.h"
#include "learning/policy/policy_validator.h"

namespace hintd::app {
namespace {

using namespace learning;
using nlohmann::json;

constexpr int kGateTemplates = 30;
constexpr ArmId kArms = 6;  // the default included
constexpr double kNoise = 0.3;
constexpr double kSpreadOfArms = 0.4;  // of an arm's true log-ratio
constexpr int kChanged = 6;            // templates that a candidate treats otherwise
constexpr int kFreshPairs = 200;
constexpr int kFreshLivePairs = 5;  // of each statement
constexpr int kLiveTraffic = 1'000;
constexpr double kLiveBudgetS = 20;  // of a cycle
constexpr Millis kLivePatience{5};   // of every other candidate

// A made-up server: every template and arm has a true ratio, every run log-normal noise.
class MadeUpServer final : public Sandbox {
 public:
  MadeUpServer(const StatementSample& sample, Rng rng) : rng_(rng) {
    for (const auto& [fingerprint, known] : sample.templates()) {
      default_ms_[fingerprint] = std::exp(rng_.uniform(1, 6));
      for (ArmId arm = 1; arm < kArms; ++arm)
        ratio_[{fingerprint, arm}] = std::exp(0.1 + kSpreadOfArms * rng_.normal());
    }
  }
  double true_ms(std::uint64_t fingerprint, ArmId arm) const {
    return default_ms_.at(fingerprint) * (arm == kDefaultArm ? 1 : ratio_.at({fingerprint, arm}));
  }
  Result<Execution> run(const SampledStatement& statement, const Decision& decision) override {
    Execution execution;
    execution.latency = Millis(true_ms(statement.parsed.query_template->fingerprint, decision.arm) *
                               std::exp(kNoise * rng_.normal()));
    const bool may_be_stopped = decision.arm == kDefaultArm && decision.deadline > Millis::zero();
    execution.timed_out = may_be_stopped && execution.latency > decision.deadline;
    if (execution.timed_out) execution.latency = decision.deadline;
    return execution;
  }
  Result<PlannedState> plan(const SampledStatement&) override { return PlannedState{}; }

 private:
  Rng rng_;
  std::map<std::uint64_t, double> default_ms_;
  std::map<std::pair<std::uint64_t, ArmId>, double> ratio_;
};

StatementSample sample_of(const MadeUpServer* server) {
  StatementSample sample(2, Rng(1));
  TemplateCache templates;
  for (int t = 0; t < kGateTemplates; ++t)
    for (int i = 0; i < 2; ++i) {
      const auto sql = "SELECT a" + std::to_string(t) + " FROM t WHERE b = " + std::to_string(i);
      const auto parsed = templates.get(sql);
      if (!parsed) continue;
      const auto fingerprint = parsed->query_template->fingerprint;
      sample.offer(sql, *parsed, server == nullptr ? 0 : server->true_ms(fingerprint, kDefaultArm));
    }
  return sample;
}

// Arms drawn with no regard to what they are worth: the gate alone decides.
TemplateRules changed_at_random(TemplateRules rules, const StatementSample& sample,
                                std::size_t arms, Millis patience, Rng& rng) {
  std::vector<std::uint64_t> fingerprints;
  for (const auto& [fingerprint, known] : sample.templates()) fingerprints.push_back(fingerprint);
  rng.shuffle(fingerprints);
  for (int i = 0; i < kChanged; ++i) {
    auto& rule = rules[fingerprints[static_cast<std::size_t>(i)]];
    rule.rest = {static_cast<ArmId>(rng.below(arms)), patience};
    if (rule.rest.arm == kDefaultArm) rule.rest = {};
  }
  return rules;
}

// Where candidates are tried, and on what.
struct Ground {
  const HintCatalogue& catalogue;
  Sandbox& server;
  const StatementSample& sample;
  Level1Config config;
  int fresh_pairs;
  Millis patience;  // of every other candidate
};

// Total time of fresh paired runs of the statements, candidate over parent; those that fail are
// left out.
Result<double> fresh_ratio(const Ground& ground, const Policy& candidate, const Policy& parent) {
  double totals[2] = {0, 0};
  for (const auto& [fingerprint, known] : ground.sample.templates())
    for (const auto& statement : known.statements) {
      const DecisionRequest request{fingerprint, statement.parsed.literals, nullptr};
      const Decision decisions[2] = {candidate.choose(request), parent.choose(request)};
      if (decisions[0].runs_like(decisions[1])) continue;
      for (int pair = 0; pair < ground.fresh_pairs; ++pair) {
        double ms[2] = {0, 0};
        for (int turn = 0; turn < 2; ++turn) {
          const int side = (pair + turn) % 2;
          const auto run = ground.server.run(statement, decisions[side]);
          if (!run && run.error().kind != ErrorKind::kQuery)
            return tl::make_unexpected(run.error());
          ms[side] = run ? run->latency.count() : 0;
        }
        if (ms[0] <= 0 || ms[1] <= 0) continue;
        totals[0] += ms[0];
        totals[1] += ms[1];
      }
    }
  return totals[1] > 0 ? totals[0] / totals[1] : 1;
}

struct Tally {
  int cycles = 0;
  int promoted = 0;
  int worse = 0;
  double pairs = 0;
  double worst = 0;
  std::vector<double> gains;

  json figures() const {
    double mean_gain = 0;
    for (const double gain : gains) mean_gain += gain / static_cast<double>(gains.size());
    return {{"cycles", cycles},           {"promoted", promoted},
            {"worse_than_parent", worse}, {"worst_ratio", worst},
            {"mean_gain", mean_gain},     {"pairs_a_cycle", pairs / std::max(cycles, 1)}};
  }
};

// Learning cycles in a row, each on what the one before deployed.
Status run_cycles(const Ground& ground, int cycles, const Rng& rng, Progress& progress,
                  Tally& tally) {
  const PlanMemory memory;
  Rng draws = rng.split("candidates");
  TemplateRules deployed;
  for (int cycle = 0; cycle < cycles && !interrupted(); ++cycle) {
    const Millis patience = cycle % 2 == 1 ? ground.patience : Millis(0);
    auto rules =
        changed_at_random(deployed, ground.sample, ground.catalogue.size(), patience, draws);
    const MemoryPolicy candidate(0, rules);
    const MemoryPolicy parent(0, deployed);
    PolicyValidator validator(ground.config,
                              {ground.catalogue, memory, ground.sample, {}, {}, ground.server},
                              rng.split("pairs").split(std::to_string(cycle)));
    HINTD_TRY(const auto report, validator.validate(candidate, parent));
    ++tally.cycles;
    tally.pairs += static_cast<double>(report.pairs.size());
    progress.update("cycle " + std::to_string(cycle + 1) + " of " + std::to_string(cycles) + ", " +
                    std::to_string(tally.promoted) + " promoted");
    if (!report.passed) continue;
    rules = proved_part(rules, deployed, report);
    HINTD_TRY(const double ratio, fresh_ratio(ground, MemoryPolicy(0, rules), parent));
    ++tally.promoted;
    tally.worse += ratio > 1;
    tally.worst = std::max(tally.worst, ratio);
    tally.gains.push_back(1 - ratio);
    deployed = std::move(rules);
  }
  return {};
}

Status on_made_up_servers(const BenchGateCommand& command, Progress& progress, Tally& tally) {
  std::vector<HintSet> sets = {{"default", "", {}}};
  for (int arm = 1; arm < kArms; ++arm)
    sets.push_back({"arm_" + std::to_string(arm), "", {{"enable_sort", "off"}}});
  HINTD_TRY(const auto catalogue, HintCatalogue::create(std::move(sets)));
  for (int repetition = 0; repetition < command.repetitions; ++repetition) {
    const auto rng = Rng(1).split("gate").split(std::to_string(repetition));
    MadeUpServer server(sample_of(nullptr), rng.split("server"));
    const auto sample = sample_of(&server);
    const Ground ground{catalogue, server, sample, {}, kFreshPairs, Millis(0)};
    HINTD_TRY_STATUS(run_cycles(ground, command.cycles, rng, progress, tally));
  }
  return {};
}

// Statements of the demo's traffic, each run once under the default.
Result<StatementSample> live_sample(const std::string& dsn, const config::Settings& settings,
                                    Sandbox& server, Progress& progress) {
  HINTD_TRY(const auto workload, database::demo::Workload::create(dsn, settings.workload));
  StatementSample sample(2, Rng(1));
  TemplateCache templates;
  Rng traffic(settings.workload.seed);
  for (int i = 0; i < kLiveTraffic && !interrupted(); ++i) {
    const auto& query = workload.draw(traffic);
    HINTD_TRY(const auto parsed, templates.get(query.sql));
    HINTD_TRY(const auto run, server.run({query.sql, parsed, 0}, Decision{}));
    sample.offer(query.sql, parsed, run.latency.count());
    progress.update("statement " + std::to_string(i + 1) + " of " + std::to_string(kLiveTraffic));
  }
  return sample;
}

Status on_live_server(const CommonOptions& common, const BenchGateCommand& command,
                      Progress& progress, Tally& tally) {
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto catalogue, catalogue_for(common, settings));
  HINTD_TRY(const auto database, DemoDatabase::open(common.dsn, common.data_dir, progress));
  const SystemClock clock;
  HINTD_TRY(const auto server, PairSandbox::open(database.dsn(), settings.level1.sandbox_role,
                                                 catalogue, settings.safety, clock));
  HINTD_TRY(const auto sample, live_sample(database.dsn(), settings, *server, progress));
  auto config = settings.level1;
  config.sandbox_budget_s = kLiveBudgetS;
  const Ground ground{catalogue, *server, sample, config, kFreshLivePairs, kLivePatience};
  return run_cycles(ground, command.cycles, Rng(settings.workload.seed).split("gate"), progress,
                    tally);
}

}  // namespace

int bench_gate(const CommonOptions& common, const BenchGateCommand& command) {
  catch_interrupts();
  Progress progress(common.json);
  Tally tally;
  const auto done = command.live ? on_live_server(common, command, progress, tally)
                                 : on_made_up_servers(command, progress, tally);
  if (!done) return fail_with(done.error());
  const auto figures = tally.figures();
  if (common.json)
    std::printf("%s\n", figures.dump(2).c_str());
  else
    for (const auto& [name, value] : figures.items())
      std::printf("%-20s %s\n", name.c_str(), value.dump().c_str());
  return tally.worse == 0 ? kExitDone : kExitFailed;
}

}  // namespace hintd::app
