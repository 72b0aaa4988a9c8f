#include "dashboard/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace hintd::dashboard {
namespace {

using telemetry::EvaluatedQuery;
using telemetry::Report;
using testing::HasSubstr;
using testing::Not;

EvaluatedQuery evaluated(const std::string& name, double default_ms, double learned_ms) {
  EvaluatedQuery query;
  query.query = name;
  query.template_name = name;
  query.arm = query.oracle_arm = "no_nested_loop";
  query.reason = "verified";
  query.default_ms = default_ms;
  query.learned_ms = learned_ms;
  query.oracle_ms = learned_ms;
  query.ratio = learned_ms / default_ms;
  query.ci_low = query.ci_high = query.ratio;
  return query;
}

Report a_report() {
  Report report;
  report.command = "demo";
  report.outcome = "completed";
  report.seen = telemetry::summarise({evaluated("fast", 100, 20), evaluated("slow", 10, 30)});
  report.default_latency_ms = telemetry::Percentiles{55, 95, 99};
  report.learned_latency_ms = telemetry::Percentiles{25, 29, 30};
  report.phases.resize(1);
  report.phases[0].name = "baseline";
  report.phases[0].queries = 2;
  report.phases[0].ended = TimePoint{} + std::chrono::hours{48};
  report.latency = {{TimePoint{} + std::chrono::hours{1}, 0, 1, 5, 9},
                    {TimePoint{} + std::chrono::hours{40}, 0, 1, 6, 10}};
  report.learning = {{1, 0.5, 0.9, 0.1}, {2, std::nan(""), 0.8, 0.1}};
  report.templates.resize(1);
  report.templates[0] = {"bestsellers", "analytical", 30, 10, 5, 1, 2, 110, 50, 40};
  report.reasons = {{"verified", 7}};
  report.configuration = R"({"gamma": 0})";
  return report;
}

TEST(ReportHtmlTest, ThePageNeedsNothingElse) {
  const auto html = report_html(a_report());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(html, HasSubstr("name=\"viewport\""));
}

TEST(ReportHtmlTest, TheAnswerPlotsAndTablesAreThere) {
  const auto html = report_html(a_report());
  EXPECT_THAT(html, HasSubstr("2.20x faster"));
  EXPECT_THAT(html, HasSubstr("class=\"worse\""));
  for (const auto* part : {"Final evaluation", "Templates, before and after", "Latency over time",
                           "Learning", "Decisions", "Configuration", "bestsellers"})
    EXPECT_THAT(html, HasSubstr(part));
  EXPECT_THAT(html, HasSubstr("&quot;gamma&quot;: 0"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

TEST(ReportHtmlTest, NothingFromOutsideIsTakenForHtml) {
  const std::string hostile = "<img src=x onerror='alert(1)'>";
  auto report = a_report();
  report.command = report.outcome = report.server_version = report.configuration = hostile;
  report.seen.per_query[0].query = report.seen.per_query[0].arm = hostile;
  report.phases[0].name = report.templates[0].name = report.templates[0].query_class = hostile;
  report.reasons = report.arms = report.errors = report.safety_counts = {{hostile, 1}};
  report.safety = {{TimePoint{}, hostile, hostile, hostile}};
  EXPECT_THAT(report_html(report), Not(HasSubstr("<img")));
}

TEST(ReportHtmlTest, AnEmptyRunSaysThatThereIsNoEvaluation) {
  const auto html = report_html(Report{});
  EXPECT_THAT(html, HasSubstr("No final evaluation"));
  EXPECT_THAT(html, Not(HasSubstr("<h2>Final evaluation")));
  EXPECT_THAT(html, Not(HasSubstr("<svg")));
}

TEST(ReportHtmlTest, LostTelemetryIsSaidAtTheTop) {
  auto report = a_report();
  EXPECT_THAT(report_html(report), Not(HasSubstr("Telemetry is not whole")));
  report.dropped = 1234;
  EXPECT_THAT(report_html(report), HasSubstr("Telemetry is not whole: 1,234 events dropped"));
}

}  // namespace
}  // namespace hintd::dashboard
