#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "core/template_cache.h"
#include "learning/policy/policy_learner.h"
#include "learning/policy/policy_validator.h"

namespace hintd::app {
namespace {

using namespace learning;
using nlohmann::json;

constexpr int kTemplates = 30;
constexpr ArmId kArms = 6;  // the default included
constexpr double kNoise = 0.3;
constexpr double kSpreadOfArms = 0.4;  // of an arm's true log-ratio
constexpr int kChanged = 6;            // templates that a candidate treats otherwise
constexpr int kFreshPairs = 200;

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
  for (int t = 0; t < kTemplates; ++t)
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
TemplateRules changed_at_random(TemplateRules rules, const StatementSample& sample, Rng& rng) {
  std::vector<std::uint64_t> fingerprints;
  for (const auto& [fingerprint, known] : sample.templates()) fingerprints.push_back(fingerprint);
  rng.shuffle(fingerprints);
  for (int i = 0; i < kChanged; ++i) {
    auto& rule = rules[fingerprints[static_cast<std::size_t>(i)]];
    rule.rest.arm = static_cast<ArmId>(rng.below(kArms));
  }
  return rules;
}

// Total time of fresh paired runs of every statement, candidate over parent.
double fresh_ratio(MadeUpServer& server, const StatementSample& sample, const Policy& candidate,
                   const Policy& parent) {
  double totals[2] = {0, 0};
  for (int pair = 0; pair < kFreshPairs; ++pair)
    for (const auto& [fingerprint, known] : sample.templates()) {
      const DecisionRequest request{fingerprint, {}, nullptr};
      const auto now = candidate.choose(request);
      const auto before = parent.choose(request);
      if (now.arm == before.arm) continue;
      totals[0] += server.run(known.statements.front(), now)->latency.count();
      totals[1] += server.run(known.statements.front(), before)->latency.count();
    }
  return totals[0] / totals[1];
}

}  // namespace

int bench_gate(const CommonOptions& common, const BenchGateCommand& command) {
  const auto catalogue = [] {
    std::vector<HintSet> sets = {{"default", "", {}}};
    for (int arm = 1; arm < kArms; ++arm)
      sets.push_back({"arm_" + std::to_string(arm), "", {{"enable_sort", "off"}}});
    return HintCatalogue::create(std::move(sets));
  }();
  if (!catalogue) return fail_with(catalogue.error());
  int promoted = 0;
  int worse = 0;
  double pairs = 0;
  double worst = 0;
  std::vector<double> gains;
  const PlanMemory memory;
  for (int repetition = 0; repetition < command.repetitions; ++repetition) {
    const auto rng = Rng(1).split("gate").split(std::to_string(repetition));
    MadeUpServer server(sample_of(nullptr), rng.split("server"));
    const auto sample = sample_of(&server);
    Rng draws = rng.split("candidates");
    TemplateRules deployed;
    for (int cycle = 0; cycle < command.cycles; ++cycle) {
      auto rules = changed_at_random(deployed, sample, draws);
      const MemoryPolicy candidate(0, rules);
      const MemoryPolicy parent(0, deployed);
      PolicyValidator validator({}, {*catalogue, memory, sample, {}, {}, server},
                                rng.split("pairs").split(std::to_string(cycle)));
      const auto report = validator.validate(candidate, parent);
      if (!report) return fail_with(report.error());
      pairs += static_cast<double>(report->pairs.size());
      if (!report->passed) continue;
      ++promoted;
      rules = proved_part(rules, deployed, *report);
      const double ratio = fresh_ratio(server, sample, MemoryPolicy(0, rules), parent);
      worse += ratio > 1;
      worst = std::max(worst, ratio);
      gains.push_back(1 - ratio);
      deployed = std::move(rules);
    }
  }
  double mean_gain = 0;
  for (const double gain : gains) mean_gain += gain / static_cast<double>(gains.size());
  const double all = static_cast<double>(command.repetitions) * command.cycles;
  const json figures = {{"cycles", command.cycles},    {"repetitions", command.repetitions},
                        {"promoted", promoted},        {"worse_than_parent", worse},
                        {"worst_ratio", worst},        {"mean_gain", mean_gain},
                        {"pairs_a_cycle", pairs / all}};
  if (common.json)
    std::printf("%s\n", figures.dump(2).c_str());
  else
    for (const auto& [name, value] : figures.items())
      std::printf("%-20s %s\n", name.c_str(), value.dump().c_str());
  return worse == 0 ? kExitDone : kExitFailed;
}

}  // namespace hintd::app
