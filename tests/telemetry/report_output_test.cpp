#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "sample_run.h"
#include "support.h"
#include "telemetry/format.h"
#include "telemetry/redact.h"
#include "telemetry/report_json.h"
#include "telemetry/report_text.h"
#include "telemetry/text_table.h"

namespace hintd::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

class ReportOutputTest : public TelemetryTest {
 protected:
  Report sample() {
    store(SampleRun{}.events());
    return read();
  }
};

TEST_F(ReportOutputTest, TheJsonHoldsWhatOthersReadFromIt) {
  const auto report = sample();
  const auto json = Json::parse(report_json(report));
  EXPECT_EQ(json.at("seed"), 42);
  EXPECT_EQ(json.at("scale"), 0.1);
  EXPECT_EQ(json.at("duration_days"), 14);
  EXPECT_EQ(json.at("failures"), report.failures);
  EXPECT_EQ(json.at("telemetry").at("events"), report.events);
  EXPECT_EQ(json.at("telemetry").at("dropped"), 0);
  EXPECT_EQ(json.at("latency_ms").at("default").at("p50"), report.default_latency_ms->p50);
  EXPECT_EQ(json.at("latency_ms").at("learned").at("p99"), report.learned_latency_ms->p99);
  ASSERT_EQ(json.at("phases").size(), 3U);
  for (const auto* key : {"name", "queries", "p50", "p95", "p99", "success_rate"})
    EXPECT_TRUE(json.at("phases")[0].contains(key)) << key;
  for (const auto* split : {"seen_templates", "unseen_templates"}) {
    const auto& part = json.at("evaluation").at(split);
    for (const auto* key :
         {"queries", "default_ms", "learned_ms", "oracle_ms", "gain_captured", "improved_share",
          "regressed_share", "worst_ratio", "oracle_speedup", "oracle_speedup_without_best_five"})
      EXPECT_TRUE(part.at(key).is_number()) << split << "." << key;
    EXPECT_EQ(part.at("per_query").size(), part.at("queries").get<std::size_t>());
  }
  EXPECT_EQ(json.at("configuration").at("agent").at("heads"), 7);
  EXPECT_EQ(json.at("exploration").at("runs"), 40);
  EXPECT_EQ(json.at("safety").at("counts").at("deadline_passed"), 2);
}

TEST_F(ReportOutputTest, AnEmptyRunIsStillJson) {
  store({a_run()});
  const auto json = Json::parse(report_json(read()));
  EXPECT_TRUE(json.at("finished").is_null());
  EXPECT_TRUE(json.at("latency_ms").at("default").at("p50").is_null());
  EXPECT_TRUE(json.at("evaluation").at("seen_templates").at("gain_captured").is_null());
  EXPECT_EQ(json.at("evaluation").at("seen_templates").at("queries"), 0);
}

TEST_F(ReportOutputTest, ConfigurationThatIsNotJsonIsKeptAsText) {
  Report report;
  report.configuration = "gamma: 0";
  EXPECT_EQ(Json::parse(report_json(report)).at("configuration"), "gamma: 0");
}

TEST_F(ReportOutputTest, BytesThatAreNotTextDoNotBreakTheJson) {
  Report report;
  report.command = "\xff\xfe";
  EXPECT_NO_THROW(Json::parse(report_json(report)));
}

TEST_F(ReportOutputTest, TheSummaryLeavesOutTheLists) {
  const auto json = Json::parse(summary_json(sample()));
  EXPECT_TRUE(json.contains("evaluation"));
  EXPECT_FALSE(json.at("evaluation").at("seen_templates").contains("per_query"));
  EXPECT_FALSE(json.contains("learning_curve"));
}

TEST_F(ReportOutputTest, TheTextBeginsWithTheAnswer) {
  const auto report = sample();
  const auto text = report_text(report);
  EXPECT_EQ(text.rfind("Queries with new literals ran " + times_text(report.seen.speedup) +
                           " faster than under PostgreSQL's own plans",
                       0),
            0U);
  EXPECT_THAT(text, HasSubstr("What got worse"));
  EXPECT_THAT(text, HasSubstr("template_10#0"));
  EXPECT_THAT(text, HasSubstr("baseline"));
  EXPECT_THAT(text, HasSubstr("0 dropped"));
}

TEST_F(ReportOutputTest, ASlowdownIsCalledSlower) {
  Report report;
  EvaluatedQuery query;
  query.default_ms = 100;
  query.learned_ms = 200;
  query.oracle_ms = 50;
  report.seen = summarise({query});
  EXPECT_THAT(headline(report).front(), HasSubstr("2.00x slower than"));
  report.seen.speedup = 0.999;
  EXPECT_THAT(headline(report).front(), HasSubstr("ran as fast as under PostgreSQL's"));
}

TEST_F(ReportOutputTest, AnInterruptedRunSaysThatThereIsNoEvaluation) {
  store({a_run(), a_query(1, 5), RunFinished{at_second(2), "interrupted"}});
  const auto text = report_text(read());
  EXPECT_THAT(text, HasSubstr("No final evaluation"));
  EXPECT_THAT(text, HasSubstr("interrupted"));
  EXPECT_THAT(text, Not(HasSubstr("What got worse")));
}

TEST(FormatTest, FiguresKeepThreeDigits) {
  EXPECT_EQ(ms_text(0.5), "0.50");
  EXPECT_EQ(ms_text(12.34), "12.3");
  EXPECT_EQ(ms_text(9.999), "10.0");
  EXPECT_EQ(ms_text(99.96), "100");
  EXPECT_EQ(ms_text(4180.4), "4,180");
  EXPECT_EQ(duration_text(4180), "4.18 s");
  EXPECT_EQ(count_text(-1234567), "-1,234,567");
  EXPECT_EQ(count_text(-123), "-123");
  EXPECT_EQ(fixed(std::numeric_limits<double>::quiet_NaN(), 2), "-");
  EXPECT_EQ(iso_time(TimePoint{}), "1970-01-01T00:00:00Z");
}

TEST(TextTableTest, NumbersLineUpToTheRight) {
  TextTable table({"name", "ms"});
  table.add({"a", "5"});
  table.add({"longer", "1,234"});
  EXPECT_EQ(table.text(), "  name       ms\n  a           5\n  longer  1,234\n");
}

TEST(RedactTest, QuotedPartsAndLaterLinesGo) {
  EXPECT_EQ(without_literals("22P02: bad value: \"o\"brien\" here\nLINE 1: select 1"),
            "22P02: bad value: \"...\" here");
  EXPECT_EQ(without_literals("value 'x' is bad"), "value \"...\" is bad");
  EXPECT_EQ(without_literals("can't stop"), "can't stop");
  EXPECT_EQ(without_literals("near \"unclosed literal"), "near \"...\"");
  EXPECT_LE(without_literals(std::string(1000, 'x')).size(), 200U);
}

}  // namespace
}  // namespace hintd::telemetry
