#include "learning/explore/replay.h"

#include <gtest/gtest.h>

#include <deque>
#include <sstream>

namespace hintd::learning {
namespace {

LatencyMatrix two_queries() {
  return {{"a", "b"}, 3, {{10, 4, 4}, {2, 1, 30}}};
}

// Proposes what it was given and remembers what it was told.
class Scripted final : public Strategy {
 public:
  explicit Scripted(std::deque<Trial> trials) : trials_(std::move(trials)) {}
  std::optional<Trial> next() override {
    if (trials_.empty()) return std::nullopt;
    const auto trial = trials_.front();
    trials_.pop_front();
    return trial;
  }
  void observe(const Trial&, const Outcome& outcome) override { told.push_back(outcome); }
  std::vector<Outcome> told;

 private:
  std::deque<Trial> trials_;
};

ReplayRun run(const LatencyMatrix& matrix, Strategy& strategy, double until = 2) {
  const auto problem = problem_of(matrix);
  ReplayRules rules;
  rules.until = until;
  return replay(matrix, problem, strategy, rules, Rng(1));
}

TEST(ReplayTest, ChargesTheLatencyBelowTheTimeoutAndTheTimeoutElse) {
  Scripted strategy({{0, 1, 5}, {0, 1, 4}, {1, 2, 3}});
  const auto trace = run(two_queries(), strategy).trace;
  ASSERT_EQ(trace.size(), 3U);
  EXPECT_TRUE(trace[0].completed);
  EXPECT_DOUBLE_EQ(trace[0].charge_s, 4);
  EXPECT_FALSE(trace[1].completed) << "a run that ends at its timeout was stopped";
  EXPECT_FALSE(trace[2].completed);
  EXPECT_DOUBLE_EQ(trace[2].charge_s, 3);
}

TEST(ReplayTest, TellsTheStrategyNoMoreThanTheTimeoutOfAStoppedRun) {
  Scripted strategy({{1, 2, 3}});
  run(two_queries(), strategy);
  ASSERT_EQ(strategy.told.size(), 1U);
  EXPECT_FALSE(strategy.told[0].completed);
  EXPECT_DOUBLE_EQ(strategy.told[0].seconds, 3);
}

TEST(ReplayTest, ScoresTheBestFullyObservedLatencyOfEachQuery) {
  Scripted strategy({{1, 2, 1.2}, {0, 1, 5}, {1, 1, 2}});
  const auto matrix = two_queries();
  const Curve curve(matrix, run(matrix, strategy).trace);
  EXPECT_DOUBLE_EQ(curve.at(0), 12);
  EXPECT_DOUBLE_EQ(curve.at(1.2 / 12), 12) << "a stopped run wins nothing";
  EXPECT_DOUBLE_EQ(curve.at(5.2 / 12), 6);
  EXPECT_DOUBLE_EQ(curve.at(2), 5);
}

TEST(ReplayTest, MeasuresTheAreaUnderTheCurve) {
  Scripted strategy({{0, 1, 5}});
  const auto matrix = two_queries();
  const Curve curve(matrix, run(matrix, strategy).trace);
  EXPECT_NEAR(curve.mean_until(1), 12.0 * (4.0 / 12) + 6.0 * (8.0 / 12), 1e-12);
}

TEST(ReplayTest, EndsWhenTheBudgetIsSpent) {
  Scripted strategy({{0, 1, 5}, {0, 1, 5}, {0, 1, 5}, {0, 1, 5}});
  EXPECT_EQ(run(two_queries(), strategy, 0.5).trace.size(), 2U);
}

TEST(ReplayTest, ATraceReadBackGivesTheSameScore) {
  const auto matrix = two_queries();
  const auto problem = problem_of(matrix);
  const auto strategy = std::move(*make_strategy("random", problem, Rng(3)));
  const auto trace = replay(matrix, problem, *strategy, {}, Rng(3)).trace;
  std::stringstream file;
  write_trace(file, matrix, trace);
  const auto read = read_trace(file, matrix);
  ASSERT_TRUE(read) << read.error().text();
  for (const double x : {0.1, 0.25, 0.5, 1.0, 2.0})
    EXPECT_DOUBLE_EQ(Curve(matrix, *read).at(x), Curve(matrix, trace).at(x));
}

TEST(ReplayTest, NamesTheLineOfATraceThatDoesNotFit) {
  std::istringstream file("query,hint,timeout_s,charge_s,completed\na,1,5,4,1\nz,1,5,4,1\n");
  const auto trace = read_trace(file, two_queries());
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().message, "line 3 of the trace does not fit the matrix");
}

}  // namespace
}  // namespace hintd::learning
