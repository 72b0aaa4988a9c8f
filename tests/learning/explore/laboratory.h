// An explorer and all that it works with, before a database made of a table.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "learning/explore/live_explorer.h"

namespace hintd::learning::test {

inline constexpr std::size_t kArms = 5;
inline constexpr ArmId kFastArm = 3;

inline HintCatalogue catalogue() {
  std::vector<HintSet> sets = {{"default", "", {}}};
  for (std::size_t arm = 1; arm < kArms; ++arm) {
    const auto name = "arm_" + std::to_string(arm);
    sets.push_back({name, "", {{"enable_" + name, "off"}}});
  }
  return *HintCatalogue::create(sets);
}

// How a statement behaves, by arm.
struct Behaviour {
  std::vector<double> ms;
  std::vector<int> plans = {0, 1, 2, 3, 4};
  std::vector<std::uint64_t> results = {1, 1, 1, 1, 1};
  std::set<ArmId> refused =
      {};  // arms that PostgreSQL answers with an error when the statement is run
  bool cannot_be_planned = false;
  std::vector<double> paired_ms = {};  // in pairs with the default; empty: as ever
  double slow_down = 1;                // of the default, where another run goes on beside it
  double cold = 1;                     // the same, where another statement ran before
};

struct Call {
  enum class How { kRun, kAnalyze };
  How how;
  std::string sql;
  ArmId arm;
  double timeout_ms;
  Execution execution;
};

// A database made of a table. Its latencies are exact, so that what is learned from them is too.
class TableExecutor final : public PlanExecutor {
 public:
  explicit TableExecutor(const HintCatalogue& catalogue) : catalogue_(catalogue) {}

  Result<Execution> run(std::string_view sql, const HintSet& set, Millis timeout) override {
    return execute(Call::How::kRun, sql, set, timeout);
  }

  Result<Analysis> analyze(std::string_view sql, const HintSet& set, Millis timeout) override {
    HINTD_TRY(auto execution, execute(Call::How::kAnalyze, sql, set, timeout));
    execution.result_hash = 0;
    return Analysis{execution, plan(sql, set), 100, 0, 0};
  }

  Result<PlanTree> explain(std::string_view sql, const HintSet& set) override {
    HINTD_TRY_STATUS(reach());
    if (behaviour(sql).cannot_be_planned) return fail(ErrorKind::kQuery, "no such column");
    return plan(sql, set);
  }

  Result<DatabaseState> database_state() override { return DatabaseState{}; }

  std::map<std::string, Behaviour, std::less<>> statements;
  // The call with this number, of all calls from 0 on, finds no server.
  std::optional<int> outage_at;
  std::vector<Call> calls;  // that were executed
  bool workers = false;     // of every arm's plan

 private:
  Behaviour& behaviour(std::string_view sql) { return statements.find(sql)->second; }

  Status reach() {
    if (outage_at == calls_++) return fail(ErrorKind::kUnavailable, "no server");
    return {};
  }

  PlanTree plan(std::string_view sql, const HintSet& set) {
    PlanTree tree;
    tree.root.type = workers && set.name != "default" ? "Gather" : "Index Scan";
    tree.root.index = "index_" + std::to_string(behaviour(sql).plans[*catalogue_.find(set.name)]);
    tree.root.total_cost = 10'000;
    return tree;
  }

  Result<Execution> execute(Call::How how, std::string_view sql, const HintSet& set,
                            Millis timeout) {
    HINTD_TRY_STATUS(reach());
    const ArmId arm = *catalogue_.find(set.name);
    Call call{how, std::string(sql), arm, timeout.count(), {}};
    const auto& known = behaviour(sql);
    if (known.refused.contains(arm)) return fail(ErrorKind::kQuery, "out of memory");
    const bool paired = how == Call::How::kRun && !known.paired_ms.empty();
    double ms = (paired ? known.paired_ms : known.ms)[arm];
    // Nothing but a run beside it makes the explorer run the default three times in a row: alone,
    // with the other, and alone.
    const bool again = !calls.empty() && calls.back().how == how && calls.back().arm == arm &&
                       calls.back().sql == sql;
    in_a_row_ = again ? in_a_row_ + 1 : 1;
    if (how == Call::How::kRun && arm == kDefaultArm) {
      if (in_a_row_ == 1) ms *= known.cold;
      if (in_a_row_ % 3 == 2) ms *= known.slow_down;
    }
    call.execution.timed_out = timeout.count() > 0 && ms > timeout.count();
    call.execution.latency = Millis(call.execution.timed_out ? timeout.count() : ms);
    call.execution.rows = call.execution.timed_out ? 0 : 10;
    call.execution.result_hash = call.execution.timed_out ? 0 : known.results[arm];
    calls.push_back(call);
    return call.execution;
  }

  const HintCatalogue& catalogue_;
  int calls_ = 0;
  int in_a_row_ = 0;
};

class CollectingSink final : public EventSink {
 public:
  bool record(Event event) noexcept override {
    events.push_back(std::move(event));
    return true;
  }

  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& event : events)
      if (const auto* wanted = std::get_if<T>(&event)) found.push_back(*wanted);
    return found;
  }

  std::vector<Event> events;
};

inline AgentConfig small_agent() {
  AgentConfig config;
  config.hidden_sizes = {16};
  config.heads = 5;
  config.batch_size = 16;
  config.train_steps_per_observation = 1;
  return config;
}

inline std::vector<std::string> names_of(const HintCatalogue& catalogue) {
  std::vector<std::string> names;
  for (const auto& set : catalogue.sets()) names.push_back(set.name);
  return names;
}

// An explorer with all that it works with.
struct Laboratory {
  explicit Laboratory(LiveExplorerConfig explorer_config = {}, std::uint64_t seed = 1)
      : agent(DqnAgent::create(agent_config, names_of(arms), Rng(seed)).value()),
        config(explorer_config),
        explorer(config,
                 {arms, executor, beside, rules, agent_config, agent, memory, events, clock}) {}

  // Traffic brings the statement, under the default.
  void offer(const std::string& sql, const Behaviour& behaviour) {
    executor.statements.insert_or_assign(sql, behaviour);
    beside.statements.insert_or_assign(sql, behaviour);
    explorer.offer(sql, parse_query(sql).value(), Millis(behaviour.ms[kDefaultArm]));
  }

  // Ten statements of one template.
  void offer_template(const Behaviour& behaviour, const std::string& table = "orders") {
    for (int i = 0; i < 10; ++i) offer(statement(i, table), behaviour);
  }

  static std::string statement(int i, const std::string& table = "orders") {
    return "SELECT * FROM " + table + " WHERE id = " + std::to_string(1000 + i);
  }

  void explore() {
    for (int steps = 0; steps < 2000; ++steps) {
      const auto worked = explorer.step();
      ASSERT_TRUE(worked.has_value()) << worked.error().text();
      if (!*worked) return;
    }
    FAIL() << "the explorer never comes to an end";
  }

  TemplateRule rule(const std::string& table = "orders") const {
    const auto fingerprint = parse_query(statement(0, table))->query_template->fingerprint;
    const auto learned = rules.learn_all(memory);
    const auto it = learned.find(fingerprint);
    return it == learned.end() ? TemplateRule{} : it->second;
  }

  int runs_of(const std::string& sql, ArmId arm) const {
    return static_cast<int>(
        std::count_if(executor.calls.begin(), executor.calls.end(),
                      [&](const Call& call) { return call.sql == sql && call.arm == arm; }));
  }

  HintCatalogue arms = catalogue();
  TableExecutor executor{arms};
  TableExecutor beside{arms};
  RuleLearner rules{RuleConfig{}};
  AgentConfig agent_config = small_agent();
  DqnAgent agent;
  PlanMemory memory;
  CollectingSink events;
  SimulatedClock clock{TimePoint{}};
  LiveExplorerConfig config;
  LiveExplorer explorer;
};

inline const Behaviour& one_fast_arm() {
  static const Behaviour behaviour{{100, 150, 400, 20, 90}};
  return behaviour;
}

}  // namespace hintd::learning::test
