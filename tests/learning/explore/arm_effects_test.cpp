#include "learning/explore/arm_effects.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "learning/explore/arm_meaning.h"
#include "learning/explore/arm_model.h"
#include "learning/explore/latency_matrix.h"
#include "measured_matrix.h"

namespace hintd::learning {
namespace {

// What the arms do in every cell of the matrix.
ArmEffects learned_from(LatencyMatrix matrix) {
  constexpr double kNoise = 0.0025;
  matrix.effect_sources.clear();
  const auto problem = problem_of(matrix);
  std::vector<std::vector<Observation>> all(problem.queries.size());
  for (std::size_t query = 0; query < all.size(); ++query) {
    const auto& groups = problem.queries[query].groups;
    for (std::size_t group = kDefaultGroup + 1; group < groups.size(); ++group) {
      const double seconds = matrix.seconds[query][groups[group].arms.front()];
      all[query].push_back(
          {query, group, {std::log(seconds / problem.queries[query].default_s), kNoise}});
    }
  }
  ArmModel model(problem, {});
  for (int i = 0; i < 6; ++i) model.refit(all);
  return model.effects();
}

void expect_learned_from(const std::string& file, const std::string& source) {
  const auto path = test::measured_matrix(file);
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << test::kNoMatrix;
  const auto matrix = read_latency_matrix(path);
  ASSERT_TRUE(matrix) << matrix.error().text();
  EXPECT_EQ(std::count(matrix->effect_sources.begin(), matrix->effect_sources.end(), source), 0)
      << "what was learned from a workload must not be known when it is explored";
  EXPECT_EQ(matrix->effect_sources.size(), effect_sources().size() - 1);
  const auto learned = learned_from(*matrix);
  const auto shipped = operator_effects({source});
  ASSERT_EQ(learned.size(), shipped.size());
  for (std::size_t arm = 1; arm < shipped.size(); ++arm) {
    EXPECT_NEAR(shipped[arm]->mean, learned[arm]->mean, 0.01) << arm;
    EXPECT_NEAR(shipped[arm]->slope, learned[arm]->slope, 0.01) << arm;
  }
}

TEST(ArmEffectsTest, AreWhatTheJoinOrderBenchmarkShows) {
  expect_learned_from("job.csv", "JOB");
}

TEST(ArmEffectsTest, AreWhatTheCardinalityEstimationBenchmarkShows) {
  expect_learned_from("ceb.csv", "CEB");
}

TEST(ArmEffectsTest, AreTheMeanOfTheirSources) {
  const auto job = operator_effects({"JOB"});
  const auto ceb = operator_effects({"CEB"});
  const auto both = operator_effects(effect_sources());
  ASSERT_EQ(both.size(), kOperatorArms);
  for (std::size_t arm = 0; arm < both.size(); ++arm) {
    EXPECT_DOUBLE_EQ(both[arm]->mean, (job[arm]->mean + ceb[arm]->mean) / 2);
    EXPECT_DOUBLE_EQ(both[arm]->slope, (job[arm]->slope + ceb[arm]->slope) / 2);
  }
  EXPECT_TRUE(operator_effects({}).empty());
}

TEST(ArmEffectsTest, AWorkloadWithAKnownQueryIsLeftOut) {
  EXPECT_EQ(sources_apart_from({"q1", "q2"}), effect_sources());
  EXPECT_EQ(sources_apart_from({"q1", "12b"}), (std::vector<std::string_view>{"CEB"}));
  EXPECT_TRUE(sources_apart_from({"12b", "1a1126"}).empty());
}

TEST(ArmEffectsTest, OfACatalogueSetsThatOnlyForbidOperatorsAreKnown) {
  const auto catalogue = HintCatalogue::create({
      {"default", "", {}},
      {"no_nestloop", "", {{"enable_nestloop", "off"}}},
      {"hash_seq",
       "",
       {{"enable_mergejoin", "off"},
        {"enable_nestloop", "off"},
        {"enable_indexscan", "off"},
        {"enable_indexonlyscan", "off"}}},
      {"memory", "", {{"work_mem", "64MB"}}},
      {"no_nestloop_and_memory", "", {{"enable_nestloop", "off"}, {"work_mem", "64MB"}}},
      {"no_joins",
       "",
       {{"enable_hashjoin", "off"}, {"enable_mergejoin", "off"}, {"enable_nestloop", "off"}}},
  });
  ASSERT_TRUE(catalogue);
  const auto effects = effects_of(*catalogue);
  const auto operators = operator_effects(effect_sources());
  ASSERT_EQ(effects.size(), 6U);
  EXPECT_DOUBLE_EQ(effects[1]->mean, operators[7]->mean);
  EXPECT_DOUBLE_EQ(effects[2]->mean, operators[7 * 3 + 5]->mean);
  for (const std::size_t arm : {3, 4, 5}) EXPECT_FALSE(effects[arm]) << arm;
}

}  // namespace
}  // namespace hintd::learning
