#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "learning/explore/calibration.h"
#include "learning/explore/confirmation.h"
#include "learning/explore/hintd_strategy.h"
#include "learning/explore/replay.h"
#include "measured_matrix.h"

namespace hintd::learning {
namespace {

// Queries of three kinds; what an arm does depends on the kind (rank 3), with a little noise.
LatencyMatrix low_rank_matrix(std::size_t queries, std::size_t arms, std::uint64_t seed) {
  Rng rng(seed);
  constexpr std::size_t kKinds = 3;
  std::vector<std::vector<double>> effect(kKinds, std::vector<double>(arms, 0.0));
  for (auto& kind : effect)
    for (std::size_t arm = 1; arm < arms; ++arm) kind[arm] = 0.4 + 1.0 * rng.normal();
  LatencyMatrix matrix;
  matrix.arms = arms;
  for (std::size_t query = 0; query < queries; ++query) {
    matrix.names.push_back("q" + std::to_string(query));
    const auto& kind = effect[query % kKinds];
    const double native = std::exp(1.5 * rng.normal());
    auto& row = matrix.seconds.emplace_back(arms, native);
    for (std::size_t arm = 1; arm < arms; ++arm)
      row[arm] = native * std::exp(kind[arm] + 0.15 * rng.normal());
    // Kinds can be told by their plans: each ignores a setting of its own.
    row[1 + query % kKinds] = native;
  }
  return matrix;
}

ReplayRun run(const LatencyMatrix& matrix, std::string_view name, std::uint64_t seed) {
  const auto problem = problem_of(matrix);
  const auto strategy = std::move(*make_strategy(name, problem, Rng(seed)));
  return replay(matrix, problem, *strategy, {}, Rng(seed));
}

constexpr std::uint64_t kMatrices[] = {5, 6, 7, 8};

TEST(StrategyTest, ModelsFindMoreGainThanChance) {
  double random = 0;
  double limeqo = 0;
  double hintd = 0;
  for (const auto seed : kMatrices) {
    const auto matrix = low_rank_matrix(90, 12, seed);
    random += Curve(matrix, run(matrix, "random", 1).trace).mean_until(2);
    limeqo += Curve(matrix, run(matrix, "limeqo", 1).trace).mean_until(2);
    hintd += Curve(matrix, run(matrix, "hintd", 1).trace).mean_until(2);
  }
  EXPECT_LT(limeqo, random);
  EXPECT_LT(hintd, limeqo);
}

TEST(StrategyTest, TheHousesOwnFindsMostOfTheGainForTwoDefaultPasses) {
  double found = 0;
  double possible = 0;
  for (const auto seed : kMatrices) {
    const auto matrix = low_rank_matrix(90, 12, seed);
    found += matrix.default_total() - Curve(matrix, run(matrix, "hintd", 1).trace).at(2);
    possible += matrix.default_total() - matrix.oracle_total();
  }
  EXPECT_GT(found / possible, 0.7);
}

TEST(StrategyTest, TheSameSeedGivesTheSameTrace) {
  const auto matrix = low_rank_matrix(30, 8, 7);
  for (const auto* name : {"random", "greedy", "limeqo", "hintd"}) {
    const auto once = run(matrix, name, 3).trace;
    const auto again = run(matrix, name, 3).trace;
    ASSERT_EQ(once.size(), again.size()) << name;
    for (std::size_t i = 0; i < once.size(); ++i) {
      EXPECT_EQ(once[i].query, again[i].query) << name;
      EXPECT_EQ(once[i].hint, again[i].hint) << name;
      EXPECT_EQ(once[i].timeout_s, again[i].timeout_s) << name;
    }
  }
}

TEST(StrategyTest, StopsWhereTheDefaultIsTheOnlyPlan) {
  const LatencyMatrix matrix{{"a"}, 3, {{2, 2, 2}}};
  for (const auto* name : {"random", "greedy", "limeqo", "hintd"})
    EXPECT_TRUE(run(matrix, name, 1).trace.empty()) << name;
}

TEST(StrategyTest, NeverRunsAPlanLongerThanTheBestOfItsQuery) {
  const auto matrix = low_rank_matrix(30, 8, 8);
  for (const auto* name : {"random", "greedy", "limeqo", "hintd"}) {
    std::vector<double> best;
    for (const auto& row : matrix.seconds) best.push_back(row[0]);
    for (const auto& line : run(matrix, name, 2).trace) {
      EXPECT_LE(line.timeout_s, best[line.query]) << name;
      if (line.completed) best[line.query] = std::min(best[line.query], line.charge_s);
    }
  }
}

TEST(StrategyTest, WhileATrialIsUnderWayOthersAreOfOtherQueries) {
  const auto matrix = low_rank_matrix(3, 8, 8);
  const auto problem = problem_of(matrix);
  HintdStrategy strategy(problem, Rng(1));
  std::set<std::size_t> under_way;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto trial = strategy.next();
    ASSERT_TRUE(trial);
    strategy.begin(*trial);
    EXPECT_TRUE(under_way.insert(trial->query).second);
    if (i < 2) continue;
    EXPECT_FALSE(strategy.next()) << "every query has a trial under way";
    strategy.observe(*trial, {false, trial->timeout_s});
    const auto again = strategy.next();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->query, trial->query);
  }
}

TEST(StrategyTest, AStoppedTrialIsRunAgainOnlyWithAClearlyLongerTimeout) {
  ExplorationProblem problem;
  problem.arms = 2;
  problem.queries.push_back({10, {{{0}}, {{1}}}, {}});
  HintdStrategy strategy(problem, Rng(1));
  double stopped_s = 0;
  int trials = 0;
  for (auto trial = strategy.next(); trial; trial = strategy.next(), ++trials) {
    EXPECT_GE(trial->timeout_s, HintdConfig{}.retry_factor * stopped_s);
    stopped_s = trial->timeout_s;
    strategy.observe(*trial, {false, stopped_s});
  }
  EXPECT_GT(trials, 0);
  EXPECT_LE(stopped_s, 10);
}

TEST(StrategyTest, AnUnknownNameIsRefused) {
  const ExplorationProblem problem;
  const auto strategy = make_strategy("bao", problem, Rng(1));
  ASSERT_FALSE(strategy);
  EXPECT_EQ(strategy.error().message, "there is no strategy 'bao'");
}

// Half of the cells of a matrix that follows the model are shown, the others predicted.
TEST(PosteriorTest, IsCalibratedOnDataOfItsOwnKind) {
  const auto matrix = low_rank_matrix(60, 12, 9);
  const auto problem = problem_of(matrix);
  Posterior posterior(problem, {});
  Rng rng(1);
  std::vector<Trial> hidden;
  for (std::size_t query = 0; query < problem.queries.size(); ++query)
    for (std::size_t group = 1; group < problem.queries[query].groups.size(); ++group) {
      const auto arm = problem.queries[query].groups[group].arms.front();
      if (rng.chance(0.5))
        hidden.push_back({query, group, matrix.seconds[query][arm]});
      else
        posterior.observe(query, group, {CellState::kExact, matrix.seconds[query][arm]}, {});
    }
  for (int i = 0; i < 5; ++i) posterior.refit();
  double error = 0;
  double naive = 0;
  int within = 0;
  for (const auto& [query, group, seconds] : hidden) {
    const auto belief = posterior.predict(query)[group];
    const double value = std::log(seconds / problem.queries[query].default_s);
    error += std::pow(value - belief.mean, 2);
    naive += value * value;
    within += std::abs(value - belief.mean) < 1.645 * std::sqrt(belief.variance);
  }
  EXPECT_LT(error, 0.2 * naive);
  EXPECT_GT(within, 0.85 * static_cast<double>(hidden.size()));
}

TEST(PosteriorTest, AStoppedRunRaisesTheBeliefOfPlansAlike) {
  ExplorationProblem problem;
  problem.arms = 3;
  problem.queries.push_back({10, {{{0}}, {{1}}, {{2}}}, {}});
  Posterior posterior(problem, {});
  const auto before = posterior.predict(0);
  posterior.observe(0, 1, {CellState::kCensored, 30}, before[1]);
  const auto after = posterior.predict(0);
  EXPECT_GT(after[2].mean, before[2].mean);
  EXPECT_LT(after[2].variance, before[2].variance);
  EXPECT_GT(after[1].mean, before[1].mean);
}

TEST(PosteriorTest, ACellsOwnBoundIsLeftOutWhereTheArmsEffectsAreKnown) {
  ExplorationProblem problem;
  problem.arms = 3;
  problem.queries.push_back({10, {{{0}}, {{1}}, {{2}}}, {}});
  PosteriorConfig config;
  config.arms.mean_share = config.arms.slope_share = 1e-9;
  Posterior posterior(problem, config);
  const auto before = posterior.predict(0);
  posterior.observe(0, 1, {CellState::kCensored, 30}, before[1]);
  EXPECT_NEAR(posterior.predict(0)[1].mean, before[1].mean, 1e-6);
}

TEST(PosteriorTest, RunsOfAPlansKindAreCountedOnceACellAndByTheVarianceThatQueriesShare) {
  ExplorationProblem problem;
  problem.arms = 3;
  problem.queries.push_back({10, {{{0}}, {{1, 2}}}, {}});
  problem.queries.push_back({10, {{{0}}, {{1}}, {{2}}}, {}});
  Posterior posterior(problem, {});
  const auto belief = posterior.predict(0)[1];
  EXPECT_EQ(posterior.runs_alike(0, 1), 0);
  posterior.observe(0, 1, {CellState::kCensored, 3}, belief);
  posterior.observe(0, 1, {CellState::kCensored, 9}, belief);
  EXPECT_EQ(posterior.runs_alike(0, 1), 1);
  const double likeness = QuerySimilarity(problem, {})(0, 1);
  ASSERT_GT(likeness, 0);
  EXPECT_NEAR(posterior.runs_alike(1, 1), likeness * likeness, 1e-6);
  EXPECT_NEAR(posterior.runs_alike(1, 2), likeness * likeness, 1e-6);
}

TEST(QuerySimilarityTest, WhereQueriesHaveTwinsOthersAreLessAlike) {
  const ExplorableQuery one{10, {{{0}}, {{1, 2}}}, {}};
  const ExplorableQuery other{10, {{{0}}, {{1}}, {{2}}}, {}};
  ExplorationProblem few;
  few.arms = 3;
  few.queries = {one, other};
  auto many = few;
  for (int twin = 0; twin < 30; ++twin) {
    many.queries.push_back(one);
    many.queries.push_back(other);
  }
  const SimilarityScales scales;
  EXPECT_NEAR(QuerySimilarity(few, scales)(0, 1),
              scales.twin * std::exp(-1 / scales.most_signature), 1e-6);
  EXPECT_NEAR(QuerySimilarity(many, scales)(0, 1),
              scales.twin * std::exp(-1 / scales.least_signature), 1e-6);
}

// What is charged, in passes of the default, until the workload takes half of it.
double half_at(double surprise) {
  LatencyMatrix matrix;
  matrix.arms = 4;
  for (int query = 0; query < 40; ++query) {
    matrix.names.push_back("q" + std::to_string(query));
    const double native = 10 + 0.1 * query;
    matrix.seconds.push_back({native, 1.2 * native, 1.5 * native, 0.1 * native});
  }
  auto problem = problem_of(matrix);
  // Learned elsewhere, where the last arm was hopeless.
  problem.arm_effects = {ArmEffect{0, 0}, ArmEffect{0.1, 0}, ArmEffect{0.1, 0}, ArmEffect{6, 0}};
  HintdConfig config;
  config.surprise = surprise;
  HintdStrategy strategy(problem, Rng(1), config);
  const auto trace = replay(matrix, problem, strategy, {}, Rng(1)).trace;
  const Curve curve(matrix, trace);
  double x = 0;
  while (x < 2 && curve.at(x) > matrix.default_total() / 2) x += 0.01;
  return x;
}

TEST(HintdStrategyTest, APlanWronglyBelievedHopelessIsFoundByTheChanceOfASurprise) {
  EXPECT_LT(half_at(HintdConfig{}.surprise), 0.7 * half_at(0));
}

TEST(CalibrationTest, WidensBeliefsThatWereTooSureAndShiftsThoseTooHopeful) {
  Rng rng(2);
  Calibration calibration;
  for (int i = 0; i < 400; ++i) calibration.record({{0, 1}, {}, 1 + 2 * rng.normal(), true});
  for (int i = 0; i < 5; ++i) calibration.refit();
  EXPECT_NEAR(calibration.corrected({0, 1}).below(1 - 2 * 1.2816), 0.1, 0.05);
  EXPECT_NEAR(calibration.corrected({0, 1}).below(1 + 2 * 1.2816), 0.9, 0.05);
}

TEST(ConfirmationTest, NoiseLeavesNoQueryOnASlowerPlan) {
  const auto matrix = low_rank_matrix(90, 12, 10);
  const auto problem = problem_of(matrix);
  const auto strategy = std::move(*make_strategy("random", problem, Rng(1)));
  ReplayRules rules;
  rules.noise_sd = 0.4;
  const auto trace = replay(matrix, problem, *strategy, rules, Rng(2)).trace;
  const auto report = confirm_winners(matrix, trace, rules.noise_sd, Rng(3));
  EXPECT_GT(report.worse_before, 0) << "the noise is too small to test anything";
  EXPECT_EQ(report.worse_after, 0);
  EXPECT_GT(report.confirmed, report.winners / 3) << "small gains are not worth their proof";
  EXPECT_LT(report.charge_s, 4 * matrix.default_total());
  EXPECT_LT(report.workload_after_s, matrix.default_total());
}

TEST(StrategyTest, BeatsChanceOnTheJoinOrderBenchmark) {
  const auto file = test::measured_matrix("job.csv");
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << test::kNoMatrix;
  const auto matrix = read_latency_matrix(file);
  ASSERT_TRUE(matrix) << matrix.error().text();
  EXPECT_LT(Curve(*matrix, run(*matrix, "hintd", 1).trace).mean_until(2),
            Curve(*matrix, run(*matrix, "random", 1).trace).mean_until(2));
}

}  // namespace
}  // namespace hintd::learning
