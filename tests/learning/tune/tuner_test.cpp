#include "learning/tune/tuner.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace hintd::learning {
namespace {

constexpr ArmId kFast = 2;

HintCatalogue four_sets() {
  return *HintCatalogue::create({{"default", "", {}},
                                 {"first", "", {{"enable_first", "off"}}},
                                 {"second", "", {{"enable_second", "off"}}},
                                 {"third", "", {{"enable_third", "off"}}}});
}

// What a statement does, by arm.
struct Behaviour {
  std::vector<double> ms = {100, 100, 100, 100};
  std::vector<int> plans = {0, 1, 2, 3};
  std::vector<std::uint64_t> results = {1, 1, 1, 1};
  std::set<ArmId> refused = {};
  bool unstable = false;  // another result each time
};

// A database made of a table; time passes only in what it says a run took.
class TableExecutor final : public PlanExecutor {
 public:
  explicit TableExecutor(const HintCatalogue& sets) : catalogue_(sets) {}

  Result<Execution> run(std::string_view sql, const HintSet& set, Millis timeout) override {
    ++calls;
    if (calls == outage_at) return fail(ErrorKind::kUnavailable, "no server");
    const auto found = statements.find(sql);
    if (found == statements.end()) return fail(ErrorKind::kQuery, "no such table");
    const auto& behaviour = found->second;
    const auto arm = *catalogue_.find(set.name);
    if (behaviour.refused.contains(arm)) return fail(ErrorKind::kQuery, "out of shared memory");
    const Millis latency(behaviour.ms[arm]);
    if (arm == kFast) ++fast_runs;
    if (arm == kDefaultArm) ++default_runs;
    if (timeout > Millis(0) && latency > timeout) return Execution{timeout, true, 0, 0};
    return Execution{latency, false, 5,
                     behaviour.results[arm] + (behaviour.unstable ? std::uint64_t(calls) : 0)};
  }
  Result<Analysis> analyze(std::string_view, const HintSet&, Millis) override {
    return fail(ErrorKind::kInternal, "the tuner compares results, so it runs");
  }
  Result<PlanTree> explain(std::string_view sql, const HintSet& set) override {
    PlanTree plan;
    plan.root.type = std::to_string(statements.find(sql)->second.plans[*catalogue_.find(set.name)]);
    return plan;
  }
  Result<DatabaseState> database_state() override { return DatabaseState{}; }

  std::map<std::string, Behaviour, std::less<>> statements;
  int calls = 0;
  int outage_at = 0;
  int fast_runs = 0;
  int default_runs = 0;

 private:
  const HintCatalogue& catalogue_;
};

class TunerTest : public testing::Test {
 protected:
  void add(const std::string& sql, Behaviour behaviour) {
    executor_.statements[sql] = std::move(behaviour);
    list(sql);
  }
  void list(const std::string& sql) {
    workload_.push_back({"q" + std::to_string(workload_.size() + 1), sql, *parse_query(sql)});
  }
  Tuner tuner() { return Tuner(config_, {catalogue_, executor_, memory_}, workload_, Rng(1)); }
  static void finish(Tuner& tuner) {
    for (auto more = tuner.step(); more && *more;) more = tuner.step();
  }

  HintCatalogue catalogue_ = four_sets();
  TableExecutor executor_{catalogue_};
  PlanMemory memory_;
  TunerConfig config_;
  std::vector<TuneStatement> workload_;
};

TEST_F(TunerTest, FindsAndConfirmsAFasterPlan) {
  add("SELECT 1", {.ms = {100, 200, 10, 90}});
  auto one = tuner();
  finish(one);
  const auto outcome = one.outcomes()[0];
  EXPECT_EQ(outcome.standing, Standing::kConfirmed) << outcome.reason;
  EXPECT_EQ(outcome.hint, "second");
  const auto policy = one.policy();
  ASSERT_EQ(policy.templates.size(), 1U);
  const auto& evidence = policy.templates[0].statements.at(0);
  EXPECT_DOUBLE_EQ(evidence.default_ms, 100);
  EXPECT_DOUBLE_EQ(evidence.tuned_ms, 10);
  EXPECT_NEAR(evidence.ratio, 0.1, 1e-9);
  EXPECT_GE(evidence.pairs, 3);
  EXPECT_EQ(evidence.rows, 5);
  ASSERT_EQ(policy.hint_sets.size(), 1U);
  EXPECT_EQ(policy.hint_sets[0].name, "second");
}

TEST_F(TunerTest, APlanThatGivesOtherRowsIsNeverInThePolicy) {
  add("SELECT 1", {.ms = {100, 200, 10, 90}, .results = {1, 1, 2, 1}});
  auto one = tuner();
  finish(one);
  EXPECT_NE(one.outcomes()[0].standing, Standing::kConfirmed);
  EXPECT_TRUE(one.policy().templates.empty());
}

TEST_F(TunerTest, AFailingArmIsNoHarm) {
  add("SELECT 1", {.ms = {100, 10, 20, 90}, .refused = {1}});
  auto one = tuner();
  finish(one);
  EXPECT_EQ(one.outcomes()[0].hint, "second");
}

TEST_F(TunerTest, ArmsOfOnePlanAreRunAsOne) {
  add("SELECT 1", {.ms = {100, 100, 100, 100}, .plans = {0, 0, 0, 0}});
  auto one = tuner();
  finish(one);
  EXPECT_EQ(executor_.calls, 2) << "the default, twice";
  EXPECT_EQ(one.outcomes()[0].standing, Standing::kNoWinner);
}

TEST_F(TunerTest, WhatFailsDoesNotEndOrHasNoStableResultIsLeftOutWithItsReason) {
  list("SELECT broken");
  add("SELECT 1", {.ms = {1e6, 1, 1, 1}});
  add("SELECT 2 FROM a", {.unstable = true});
  auto one = tuner();
  finish(one);
  const auto outcomes = one.outcomes();
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.standing, Standing::kLeftOut);
  EXPECT_EQ(outcomes[0].reason, "no such table");
  EXPECT_EQ(outcomes[1].reason, "did not end within 60 s under the default");
  EXPECT_NE(outcomes[2].reason.find("differs from run to run"), std::string::npos);
}

TEST_F(TunerTest, AFastStatementIsLeftAlone) {
  add("SELECT 1", {.ms = {1, 0.1, 0.1, 0.1}});
  auto one = tuner();
  finish(one);
  EXPECT_EQ(one.outcomes()[0].standing, Standing::kTooFast);
  EXPECT_EQ(executor_.fast_runs, 0);
}

TEST_F(TunerTest, ABudgetSmallerThanTheDefaultsTunesWhatItReached) {
  for (int i = 0; i < 20; ++i)
    add("SELECT " + std::to_string(i) + " FROM t" + std::to_string(i), {.ms = {100, 100, 10, 100}});
  config_.budget = Millis(3000);
  auto one = tuner();
  finish(one);
  EXPECT_LE(one.times().total().count(), 3100);
  int confirmed = 0;
  int missed = 0;
  for (const auto& outcome : one.outcomes()) {
    confirmed += outcome.standing == Standing::kConfirmed;
    missed += outcome.standing == Standing::kNotReached;
  }
  EXPECT_GT(confirmed, 0);
  EXPECT_GT(missed, 0);
}

// The slow one would save more, and its proof would take what is left.
TEST_F(TunerTest, WhatWinsMostForItsProofIsProvedFirst) {
  add("SELECT 1", {.ms = {400, 500, 280, 500}});
  add("SELECT 1, 2", {.ms = {100, 200, 20, 200}});
  config_.budget = Millis(4000);
  auto one = tuner();
  finish(one);
  EXPECT_EQ(one.outcomes()[0].reason, "the budget ended before its proof");
  EXPECT_EQ(one.outcomes()[1].standing, Standing::kConfirmed) << one.outcomes()[1].reason;
}

// Its pairs take more than 40 executions save.
TEST_F(TunerTest, APlanALittleFasterIsProvedWhereTheBudgetLasts) {
  add("SELECT 1", {.ms = {400, 500, 280, 500}});
  add("SELECT 1, 2", {.ms = {100, 200, 20, 200}});
  auto one = tuner();
  finish(one);
  EXPECT_EQ(one.outcomes()[0].standing, Standing::kConfirmed) << one.outcomes()[0].reason;
}

TEST_F(TunerTest, AHintHoldsForAllLiteralsOnlyWhereItHurtsNoneMeasured) {
  for (int i = 0; i < 4; ++i)
    add("SELECT a FROM t WHERE b = " + std::to_string(i), {.ms = {100, 100, 10, 100}});
  for (int i = 0; i < 4; ++i)
    add("SELECT b FROM t WHERE a = " + std::to_string(i),
        {.ms = {100, 100, i == 0 ? 300.0 : 10.0, 100}});
  auto one = tuner();
  finish(one);
  const auto policy = one.policy();
  ASSERT_EQ(policy.templates.size(), 2U);
  EXPECT_EQ(policy.templates[0].hint, "second");
  EXPECT_EQ(policy.templates[1].hint, "");
  EXPECT_EQ(policy.templates[1].statements.size(), 3U);
  EXPECT_EQ(policy.hint_for(policy.templates[0].fingerprint, {123})->name, "second");
}

TEST_F(TunerTest, GoesOnAfterAnOutage) {
  add("SELECT 1", {.ms = {100, 200, 10, 90}});
  for (int outage = 1; outage < 8; ++outage) {
    memory_ = PlanMemory();
    executor_.calls = 0;
    executor_.outage_at = outage;
    auto one = tuner();
    int failures = 0;
    for (;;) {
      const auto more = one.step();
      failures += !more;
      if (!more) {
        EXPECT_EQ(more.error().kind, ErrorKind::kUnavailable);
      }
      if (more && !*more) break;
      ASSERT_LT(failures, 2);
    }
    EXPECT_EQ(failures, 1);
    EXPECT_EQ(one.outcomes()[0].standing, Standing::kConfirmed) << outage;
  }
}

class TunerWithTwoConnectionsTest : public TunerTest {
 protected:
  // The same database over another connection.
  TableExecutor& second() {
    beside_.statements = executor_.statements;
    return beside_;
  }
  Tuner tuner() {
    return Tuner(config_, {catalogue_, executor_, memory_, {&second()}}, workload_, Rng(1));
  }

 private:
  TableExecutor beside_{catalogue_};
};

TEST_F(TunerWithTwoConnectionsTest, TrialsRunOnBothAndWhatIsMeasuredRunsOnTheFirstAlone) {
  for (int i = 0; i < 6; ++i)
    add("SELECT " + std::to_string(i) + " FROM a" + std::to_string(i), {.ms = {100, 200, 10, 90}});
  auto one = tuner();
  finish(one);
  for (const auto& outcome : one.outcomes()) {
    EXPECT_EQ(outcome.standing, Standing::kConfirmed) << outcome.reason;
    EXPECT_EQ(outcome.hint, "second");
  }
  EXPECT_EQ(second().default_runs, 0);
  EXPECT_GT(second().calls, 0);
  EXPECT_GT(executor_.calls, executor_.default_runs);
}

TEST_F(TunerWithTwoConnectionsTest, ATrialLostToAnOutageIsRunAgain) {
  for (const auto* sql : {"SELECT 1 FROM a", "SELECT 1 FROM b"})
    add(sql, {.ms = {100, 200, 10, 90}});
  second().outage_at = 1;
  auto one = tuner();
  int failures = 0;
  for (;;) {
    const auto more = one.step();
    failures += !more;
    ASSERT_LT(failures, 2);
    if (more && !*more) break;
  }
  EXPECT_EQ(failures, 1);
  for (const auto& outcome : one.outcomes()) EXPECT_EQ(outcome.standing, Standing::kConfirmed);
}

TEST_F(TunerTest, AnotherTunerGoesOnFromTheMemory) {
  add("SELECT 1", {.ms = {100, 200, 10, 90}});
  auto first = tuner();
  finish(first);
  const int calls = executor_.calls;
  auto second = tuner();
  finish(second);
  EXPECT_EQ(executor_.calls, calls) << "nothing is measured again";
  EXPECT_EQ(second.outcomes()[0].standing, Standing::kConfirmed);
}

}  // namespace
}  // namespace hintd::learning
