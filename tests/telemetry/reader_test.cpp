#include "telemetry/reader.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sample_run.h"
#include "support.h"

namespace hintd::telemetry {
namespace {

using ReaderTest = TelemetryTest;

QueryEvaluated evaluated(const std::string& split, double default_ms, double learned_ms,
                         double oracle_ms) {
  QueryEvaluated query;
  query.split = split;
  query.query = "q1";
  query.fingerprint = 1;
  query.arm = 1;
  query.oracle_arm = 2;
  query.reason = DecisionReason::kVerifiedLiteral;
  query.default_ms = default_ms;
  query.learned_ms = learned_ms;
  query.oracle_ms = oracle_ms;
  query.ratio = learned_ms / default_ms;
  query.pairs = 5;
  query.distinct_plans = 8;
  return query;
}

TEST_F(ReaderTest, TheRunItselfComesBack) {
  store({a_run(), RunFinished{at_second(100), "completed"}});
  const auto report = read();
  EXPECT_EQ(report.command, "demo");
  EXPECT_EQ(report.seed, 42U);
  EXPECT_DOUBLE_EQ(report.scale, 0.1);
  EXPECT_DOUBLE_EQ(report.duration_days, 14);
  EXPECT_EQ(report.server_version, "PostgreSQL 15.5");
  EXPECT_EQ(report.configuration, R"({"gamma": 0.0})");
  EXPECT_EQ(report.started, at_second(0));
  EXPECT_EQ(report.finished, at_second(100));
  EXPECT_EQ(report.outcome, "completed");
}

TEST_F(ReaderTest, ASeedOfAllBitsComesBack) {
  auto run = a_run();
  run.seed = ~std::uint64_t{0};
  store({run});
  EXPECT_EQ(read().seed, ~std::uint64_t{0});
}

TEST_F(ReaderTest, APhaseCountsItsStatements) {
  auto failed = a_query(1800, 999);
  failed.error = "42P01: relation does not exist";
  auto late = a_query(2700, 40, 1);
  late.timed_out = true;
  store({a_run(), PhaseStarted{at_second(0), "baseline"}, a_query(900, 10), failed, late,
         a_query(3000, 30), PhaseStarted{at_second(3600), "learning"}, a_query(3700, 5)});
  const auto report = read();
  ASSERT_EQ(report.phases.size(), 2U);
  const auto& phase = report.phases[0];
  EXPECT_EQ(phase.name, "baseline");
  EXPECT_EQ(phase.queries, 4);
  EXPECT_EQ(phase.failures, 1);
  EXPECT_EQ(phase.hinted, 1);
  EXPECT_EQ(phase.timed_out, 1);
  EXPECT_NEAR(phase.latency_ms.p50, 30, 0.3);
  EXPECT_DOUBLE_EQ(phase.success_rate(), 0.75);
  EXPECT_DOUBLE_EQ(phase.queries_per_hour(), 4);
  EXPECT_EQ(report.phases[1].ended, at_second(3700));
  EXPECT_EQ(report.queries, 5);
  EXPECT_EQ(report.failures, 1);
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].name, "42P01: relation does not exist");
}

TEST_F(ReaderTest, ExplorerRunsAreCountedApart) {
  auto explored = a_query(1, 1);
  explored.kind = RunKind::kExplorer;
  explored.arm_latency = Millis{2500};
  explored.error = "57014: canceled";
  store({a_run(), explored, explored, a_query(2, 1)});
  const auto report = read();
  EXPECT_EQ(report.explorer_runs, 2);
  EXPECT_DOUBLE_EQ(report.explorer_seconds, 5);
  EXPECT_EQ(report.queries, 1);
  EXPECT_EQ(report.failures, 0);
}

TEST_F(ReaderTest, AnEvaluatedQueryComesBackWhole) {
  auto query = evaluated("seen_templates", 100, 50, 40);
  query.ci_low = 0.45;
  query.ci_high = 0.55;
  store({a_run(), TemplateSeen{1, "bestsellers", "SELECT $1", "analytical"}, query});
  const auto report = read();
  ASSERT_EQ(report.seen.queries(), 1U);
  const auto& found = report.seen.per_query[0];
  EXPECT_EQ(found.query, "q1");
  EXPECT_EQ(found.template_name, "bestsellers");
  EXPECT_EQ(found.arm, "no_nested_loop");
  EXPECT_EQ(found.oracle_arm, "hash_only");
  EXPECT_EQ(found.reason, "verified_literal");
  EXPECT_DOUBLE_EQ(found.default_ms, 100);
  EXPECT_DOUBLE_EQ(found.learned_ms, 50);
  EXPECT_DOUBLE_EQ(found.oracle_ms, 40);
  EXPECT_DOUBLE_EQ(found.ratio, 0.5);
  EXPECT_DOUBLE_EQ(found.ci_low, 0.45);
  EXPECT_DOUBLE_EQ(found.ci_high, 0.55);
  EXPECT_EQ(found.pairs, 5);
  EXPECT_EQ(found.distinct_plans, 8);
}

TEST_F(ReaderTest, LatenciesBeforeAndAfterCoverBothSplits) {
  store({a_run(), evaluated("seen_templates", 100, 50, 40),
         evaluated("unseen_templates", 300, 200, 40)});
  const auto report = read();
  EXPECT_EQ(report.unseen.queries(), 1U);
  EXPECT_DOUBLE_EQ(report.default_latency_ms->p50, 200);
  EXPECT_DOUBLE_EQ(report.learned_latency_ms->p50, 125);
}

TEST_F(ReaderTest, WithoutAnEvaluationThereAreNoLatenciesToCompare) {
  store({a_run(), a_query(1, 1)});
  EXPECT_FALSE(read().default_latency_ms.has_value());
}

TEST_F(ReaderTest, ATemplateIsSeenBeforeAndAfter) {
  auto before = a_query(1, 100);
  auto after = a_query(11, 20, 1);
  store({a_run(), TemplateSeen{before.fingerprint, "bestsellers", "SELECT $1", "analytical"},
         PhaseStarted{at_second(0), kBaselinePhase}, before,
         PhaseStarted{at_second(10), kOptimisedPhase}, after, a_query(12, 40)});
  const auto report = read();
  ASSERT_EQ(report.templates.size(), 1U);
  const auto& line = report.templates[0];
  EXPECT_EQ(line.name, "bestsellers");
  EXPECT_EQ(line.query_class, "analytical");
  EXPECT_DOUBLE_EQ(*line.baseline_p50_ms, 100);
  EXPECT_DOUBLE_EQ(*line.optimised_p50_ms, 30);
  EXPECT_DOUBLE_EQ(line.optimised_hinted_share, 0.5);
}

TEST_F(ReaderTest, SinceLeavesOutWhatCameBefore) {
  store({a_run(), a_query(10, 1), a_query(20, 1)});
  EXPECT_EQ(read(at_second(15)).queries, 1);
}

TEST_F(ReaderTest, ARangeIsCountedBackFromTheNewestStatement) {
  store({a_run(), a_query(10, 1), a_query(7000, 1), a_query(7200, 1)});
  const auto report = read(std::chrono::seconds(600));
  EXPECT_EQ(report.queries, 2);
  EXPECT_EQ(report.traffic.queries, 2);
  EXPECT_EQ(report.traffic.to, at_second(7200));
}

TEST_F(ReaderTest, AServiceThatWasStartedAnewGoesOnWithItsReport) {
  auto run = a_run();
  run.command = "serve";
  store({run, a_query(1, 1), run, a_query(2, 1), a_query(3, 1)});
  const auto report = read();
  EXPECT_EQ(report.run, 2);
  EXPECT_EQ(report.queries, 3);
  EXPECT_EQ(report.traffic.queries, 3);
  ASSERT_EQ(report.phases.size(), 1U);
  EXPECT_EQ(report.events, 5);
}

TEST_F(ReaderTest, AWholeRunKeepsItsSumsAndLimits) {
  const SampleRun sample;
  store(sample.events());
  const auto report = read();
  EXPECT_EQ(report.queries, 3 * sample.queries_per_phase);
  EXPECT_LE(report.latency.size(), kLatencyPoints);
  EXPECT_GT(report.latency.size(), kLatencyPoints / 3);
  EXPECT_LE(report.learning.size(), kLearningPoints);
  const auto bucketed = std::accumulate(
      report.latency.begin(), report.latency.end(), std::int64_t{0},
      [](std::int64_t sum, const LatencyPoint& point) { return sum + point.queries; });
  EXPECT_EQ(bucketed, report.queries - report.failures);
  const auto decided = std::accumulate(
      report.reasons.begin(), report.reasons.end(), std::int64_t{0},
      [](std::int64_t sum, const NamedCount& reason) { return sum + reason.count; });
  EXPECT_EQ(decided, report.queries);
  EXPECT_EQ(report.templates.size(), static_cast<std::size_t>(sample.templates));
}

}  // namespace
}  // namespace hintd::telemetry
