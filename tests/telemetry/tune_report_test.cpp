#include "telemetry/tune_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tune_sample.h"

namespace hintd::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TuneReportTest, OnlyWhatIsConfirmedCountsAsTuned) {
  const auto report = test::tune_sample();
  EXPECT_DOUBLE_EQ(report.default_ms(), 170);
  EXPECT_DOUBLE_EQ(report.tuned_ms(), 100 * 0.2 + 10 * 0.5 + 40 + 20);
  EXPECT_DOUBLE_EQ(report.found_ms(), 15 + 5 + 30 + 20);
  EXPECT_EQ(report.confirmed(), 2U);
}

TEST(TuneReportTest, TheHeadlineGivesTheCountTheTimesAndTheFactor) {
  const auto headline = tune_headline(test::tune_sample());
  ASSERT_EQ(headline.size(), 1U);
  EXPECT_THAT(headline[0], HasSubstr("2 of 5 statements run faster"));
  EXPECT_THAT(headline[0], HasSubstr("85.0 ms instead of 170 ms (2.00x)"));
}

TEST(TuneReportTest, TheHeadlineSaysThatNothingWasFoundTheRunBrokenOffAndTheEvidenceStale) {
  auto report = test::tune_sample();
  for (auto& line : report.lines) line.evidence.reset();
  report.outcome = "interrupted";
  report.policy.stale = "the server was upgraded";
  EXPECT_THAT(tune_headline(report),
              testing::ElementsAre("No hint set was confirmed to make any of 5 statements faster.",
                                   "The run was not completed: interrupted.",
                                   "The evidence is stale: the server was upgraded."));
}

TEST(TuneReportTest, TheTextNamesWhatWasConfirmedWhatWasNotAndWhy) {
  const auto text = tune_report_text(test::tune_sample());
  EXPECT_THAT(text, HasSubstr("a note\n"));
  EXPECT_THAT(text, testing::ContainsRegex("q1 +no_nestloop .*0\\.15 to 0\\.25 .*all literals"));
  EXPECT_THAT(text, testing::ContainsRegex("q2 +no_hash .*these literals"));
  EXPECT_THAT(text, testing::ContainsRegex("q3 .*the pairs did not show"));
  EXPECT_THAT(text, testing::ContainsRegex("q4 .*division by zero"));
  EXPECT_THAT(text, HasSubstr("q6: not one read-only SELECT"));
  EXPECT_THAT(text, HasSubstr("No faster plan: 1 statements"));
  EXPECT_THAT(text, Not(HasSubstr("Not reached")));
}

TEST(TuneReportTest, TheJsonHasEvidenceOnlyWhereItWasConfirmed) {
  const auto found = nlohmann::json::parse(tune_report_json(test::tune_sample()));
  EXPECT_EQ(found.at("confirmed"), 2);
  EXPECT_EQ(found.at("statements"), 5);
  EXPECT_DOUBLE_EQ(found.at("tuned_ms"), 85);
  const auto& lines = found.at("per_statement");
  EXPECT_DOUBLE_EQ(lines.at(0).at("ci_low"), 0.15);
  EXPECT_EQ(lines.at(0).at("pairs"), 4);
  EXPECT_FALSE(lines.at(2).contains("tuned_ms"));
  EXPECT_EQ(found.at("skipped").at(0).at("name"), "q6");
  EXPECT_EQ(found.at("exploration").size(), 2U);
}

}  // namespace
}  // namespace hintd::telemetry
