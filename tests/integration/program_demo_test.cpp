#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "config/settings.h"
#include "core/event.h"
#include "core/template_cache.h"
#include "database/demo/workload.h"
#include "program.h"
#include "telemetry/database.h"

namespace hintd {
namespace {

using nlohmann::json;
using test::Ended;
using test::run_program;

// One demo into an empty database, whose traces every test reads.
class ProgramDemoTest : public testing::Test {
 protected:
  struct Run {
    test::ScratchFolder scratch;
    std::filesystem::path out = scratch.path() / "demo";
    std::string dsn = test::fresh_database("program_demo");
    Ended ended = run_program(test::quick_demo(dsn, out), test::kQuickSettings);
  };

  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    ASSERT_EQ(the_run().ended.status, 0) << the_run().ended.err;
  }

  static Run& the_run() {
    static Run run;
    return run;
  }

  static Ended ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--out", the_run().out});
    return run_program(arguments);
  }

  static json final_report() {
    return json::parse(test::content_of(the_run().out / "final_report.json"));
  }
};

TEST_F(ProgramDemoTest, WritesEveryFileOfTheRun) {
  for (const auto* name : {"final_report.txt", "final_report.json", "final_report.html",
                           "optimizer.log", "errors.log", "agent.ckpt", "memory.ckpt"})
    EXPECT_TRUE(std::filesystem::exists(the_run().out / name)) << name;
  EXPECT_EQ(the_run().ended.out, test::content_of(the_run().out / "final_report.txt"));
  EXPECT_EQ(test::content_of(the_run().out / "errors.log"), "");
}

TEST_F(ProgramDemoTest, PrintsEverySettingAtTheStart) {
  const auto settings = json::parse(config::to_json(config::Settings{}));
  for (const auto& [key, value] : settings.items())
    EXPECT_NE(the_run().ended.err.find("\"" + key + "\""), std::string::npos) << key;
}

TEST_F(ProgramDemoTest, ReportsWhatWasRunWithoutALoss) {
  const auto report = final_report();
  EXPECT_EQ(report.at("outcome"), "completed");
  EXPECT_EQ(report.at("seed"), 1);
  EXPECT_EQ(report.at("scale"), 0.01);
  EXPECT_EQ(report.at("duration_days"), 0.5);
  EXPECT_EQ(report.at("failures"), 0);
  EXPECT_GT(report.at("telemetry").at("events"), 0);
  EXPECT_EQ(report.at("telemetry").at("dropped"), 0);
}

TEST_F(ProgramDemoTest, TelemetryKnowsThePlansAndBuffersThatTheExplorerSaw) {
  auto store = telemetry::Database::open(the_run().out / "telemetry.sqlite",
                                         telemetry::Database::Access::kReadOnly);
  ASSERT_TRUE(store) << store.error().text();
  const auto seen = store->integer(
      "SELECT count(*) FROM observations WHERE explorer AND NOT timed_out AND plan_hash <> 0 AND "
      "blocks_hit + blocks_read > 0");
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_GT(*seen, 0);
}

TEST_F(ProgramDemoTest, ReportsLatenciesInOrder) {
  const auto report = final_report();
  auto measured = report.at("phases");
  measured.push_back(report.at("latency_ms").at("default"));
  measured.push_back(report.at("latency_ms").at("learned"));
  for (const auto& latency : measured) {
    EXPECT_GT(latency.at("p50"), 0);
    EXPECT_LE(latency.at("p50"), latency.at("p95"));
    EXPECT_LE(latency.at("p95"), latency.at("p99"));
  }
}

TEST_F(ProgramDemoTest, ReportsEveryPhase) {
  const auto report = final_report();
  std::vector<std::string> names;
  int queries = 0;
  int measured = 0;
  for (const auto& phase : report.at("phases")) {
    names.push_back(phase.at("name"));
    EXPECT_GT(phase.at("queries"), 0) << names.back();
    EXPECT_EQ(phase.at("success_rate"), 1) << names.back();
    queries += phase.at("queries").get<int>();
    if (!is_traffic(names.back())) measured += phase.at("queries").get<int>();
  }
  EXPECT_EQ(names, (std::vector<std::string>{"baseline", "learning", "optimised", "evaluation",
                                             "proxied"}));
  EXPECT_EQ(report.at("queries"), queries);
  EXPECT_EQ(report.at("traffic").at("queries"), queries - measured);
  for (const auto* tally : {"decisions", "arms"}) {
    int counted = 0;
    for (const auto& [name, count] : report.at(tally).items()) counted += count.get<int>();
    EXPECT_EQ(counted, queries - measured) << tally;
  }
  EXPECT_EQ(report.at("phases").at(0).at("hinted_share"), 0) << "the baseline steers nothing";
}

TEST_F(ProgramDemoTest, ReportsTheEvaluationOfBothSplits) {
  const auto report = final_report();
  for (const auto* split : {"seen_templates", "unseen_templates"}) {
    const auto& found = report.at("evaluation").at(split);
    EXPECT_EQ(found.at("queries"), found.at("per_query").size());
    EXPECT_GT(found.at("queries"), 5);
    EXPECT_GT(found.at("learned_ms"), 0);
    EXPECT_LE(found.at("oracle_ms"), found.at("default_ms"));
    EXPECT_LE(found.at("oracle_ms"), found.at("learned_ms"));
    EXPECT_LE(found.at("gain_captured"), 1);
    EXPECT_GT(found.at("worst_ratio"), 0);
    for (const auto* share : {"improved_share", "regressed_share"}) {
      EXPECT_GE(found.at(share), 0) << share;
      EXPECT_LE(found.at(share), 1) << share;
    }
  }
}

TEST_F(ProgramDemoTest, TelemetryGivesTheSameReportAgain) {
  for (const auto& [format, file] : {std::pair("text", "final_report.txt"),
                                     {"json", "final_report.json"},
                                     {"html", "final_report.html"}}) {
    const auto again = ask({"report", "--format", format});
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(again.out, test::content_of(the_run().out / file)) << format;
  }
}

TEST_F(ProgramDemoTest, TheLastPartAloneHoldsLess) {
  const auto part = ask({"report", "--json", "--since", "60m"});
  ASSERT_EQ(part.status, 0) << part.err;
  EXPECT_LT(json::parse(part.out).at("queries"), final_report().at("queries"));
}

TEST_F(ProgramDemoTest, TheSummaryAgreesWithTheReport) {
  const auto summary = ask({"telemetry", "summary", "--json"});
  ASSERT_EQ(summary.status, 0) << summary.err;
  const auto figures = json::parse(summary.out);
  for (const auto* key : {"run", "outcome", "queries", "failures", "telemetry", "latency_ms"})
    EXPECT_EQ(figures.at(key), final_report().at(key)) << key;

  const auto text = ask({"telemetry", "summary"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("Run 1: demo, completed"), std::string::npos) << text.out;
}

TEST_F(ProgramDemoTest, ExplainsAStatementOfTheWorkload) {
  using namespace database::demo;
  const auto workload = Workload::create(the_run().dsn, {.held_out_literals = 1});
  ASSERT_TRUE(workload) << workload.error().text();
  const auto sql = workload->evaluation(Split::kHeldOutLiterals).front().sql;

  const auto shown = ask({"explain", "--json", "--dsn", the_run().dsn, sql});
  ASSERT_EQ(shown.status, 0) << shown.err;
  const auto explained = json::parse(shown.out);
  EXPECT_EQ(explained.at("template"),
            fingerprint_text(parse_query(sql)->query_template->fingerprint));
  EXPECT_EQ(explained.at("policy_version"), final_report().at("policies").back().at("version"));
  EXPECT_GT(explained.at("features").at("plan_total_cost"), 0);
  std::vector<std::string> arms;
  for (const auto& arm : explained.at("arms")) {
    arms.push_back(arm.at("arm"));
    EXPECT_TRUE(arm.at("q_mean").is_number()) << arm;
    EXPECT_GT(arm.at("plan_cost"), 0) << arm;
  }
  EXPECT_GT(arms.size(), 10U);
  EXPECT_THAT(arms, testing::Contains(explained.at("chosen").get<std::string>()));

  const auto text = ask({"explain", "--dsn", the_run().dsn, sql});
  ASSERT_EQ(text.status, 0) << text.err;
  for (const auto& part : {explained.at("template"), explained.at("normalized"),
                           explained.at("reason"), explained.at("default_plan")})
    EXPECT_NE(text.out.find(part.get<std::string>().substr(0, 40)), std::string::npos) << text.out;
  EXPECT_NE(text.out.find(" | plan under "), std::string::npos) << "one plan only: " << text.out;
}

}  // namespace
}  // namespace hintd
