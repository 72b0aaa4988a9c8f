#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "database/postgres/connection.h"
#include "learning/tune/policy_file.h"
#include "program.h"

namespace hintd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Ended;
using test::Program;
using test::run_program;

// Small tables make fast statements; here they are explored all the same.
const std::vector<std::string> kSettings = {"HINTD_LEARNING_RULES_MIN_LATENCY_MS=0",
                                            "HINTD_SAFETY_MAX_STATEMENT_MS=300"};

constexpr const char* kStatements = R"(-- by_city
SELECT c.city, count(*) FROM customers c JOIN orders o ON o.customer = c.id GROUP BY c.city;
-- of_one
SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer WHERE c.city = 'city 3';
-- endless
SELECT count(*) FROM orders a, orders b, orders c WHERE a.id + b.id + c.id % 7 = 0;
-- writes
DELETE FROM orders;
-- locks
SELECT * FROM orders FOR UPDATE;
-- waits
SELECT pg_sleep(60);
-- broken
SELEC 1;
-- unknown
SELECT * FROM nowhere;
-- parameter
SELECT * FROM orders WHERE id = $1;
-- again
SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer WHERE c.city = 'city 3';
)";

class ProgramTuneTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    dsn_ = test::fresh_database("program_tune");
    ASSERT_EQ(ask("DROP TABLE IF EXISTS orders, customers"), "");
    ASSERT_EQ(ask("CREATE TABLE customers AS SELECT id, 'city ' || id % 7 AS city FROM "
                  "generate_series(1, 2000) id"),
              "");
    ASSERT_EQ(ask("CREATE TABLE orders AS SELECT id, 1 + id % 2000 AS customer FROM "
                  "generate_series(1, 20000) id"),
              "");
    ASSERT_EQ(ask("ANALYZE"), "");
    write(kStatements);
  }

  std::string ask(const std::string& sql) const {
    auto connection = database::Connection::open({.dsn = dsn_, .read_only = false});
    if (!connection) return connection.error().text();
    const auto rows = connection->query(sql);
    if (!rows) return rows.error().text();
    return rows->empty() ? "" : rows->at(0).at(0).value_or("NULL");
  }

  void write(const std::string& text) const { std::ofstream(workload_) << text; }

  std::vector<std::string> tune(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"tune",    "--dsn", dsn_, "--workload",
                                          workload_, "--out", out_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  json report() const { return json::parse(test::content_of(out_ / "report.json")); }

  static void expect_refused(const Ended& ended, int status, const std::string& what) {
    EXPECT_EQ(ended.status, status) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_NE(ended.err.find(what), std::string::npos) << "not said: " << what << "\n" << ended.err;
  }

  test::ScratchFolder scratch_;
  fs::path out_ = scratch_.path() / "out";
  fs::path workload_ = scratch_.path() / "shop.sql";
  std::string dsn_;
};

std::map<std::string, std::string> reasons(const json& items) {
  std::map<std::string, std::string> found;
  for (const auto& item : items) found[item.at("name")] = item.at("reason");
  return found;
}

TEST_F(ProgramTuneTest, TunesWhatMayBeRunAndSaysWhyOfTheRest) {
  const auto ended = run_program(tune({"--budget", "20s", "--json"}), kSettings);
  ASSERT_EQ(ended.status, 0) << ended.err;
  const auto found = report();
  EXPECT_EQ(json::parse(ended.out), found);
  EXPECT_EQ(found.at("outcome"), "completed");
  auto skipped = reasons(found.at("skipped"));
  EXPECT_EQ(skipped["shop/writes"], "not one read-only SELECT");
  EXPECT_EQ(skipped["shop/locks"], "not one read-only SELECT");
  EXPECT_NE(skipped["shop/waits"].find("calls pg_sleep(), which is volatile"), std::string::npos);
  EXPECT_NE(skipped["shop/broken"].find("syntax error"), std::string::npos);
  EXPECT_NE(skipped["shop/parameter"].find("literals are not known"), std::string::npos);
  EXPECT_EQ(skipped["shop/again"], "the same statement as one before");
  EXPECT_EQ(skipped.size(), 6U);
  auto lines = reasons(found.at("per_statement"));
  EXPECT_EQ(lines["shop/endless"], "did not end within less than 1 s under the default");
  EXPECT_NE(lines["shop/unknown"].find("relation \"nowhere\" does not exist"), std::string::npos);
  EXPECT_EQ(ask("SELECT count(*) FROM orders"), "20000");

  const auto policy = learning::load_policy(out_ / "policy.json");
  ASSERT_TRUE(policy) << policy.error().text();
  EXPECT_EQ(policy->measured_on.server_version, found.at("server_version"));
  for (const auto* file : {"report.txt", "report.html", "pg_hint_plan.sql", "set_local.sql"})
    EXPECT_TRUE(fs::exists(out_ / file)) << file;
  // What is handed on as SQL is SQL.
  const auto snippets = test::content_of(out_ / "set_local.sql");
  if (!snippets.empty()) {
    EXPECT_TRUE(ask(snippets).find("refused") == std::string::npos);
  }

  const auto bench = run_program({"bench", "live", "--dsn", dsn_, "--workload", workload_,
                                  "--policy", out_ / "policy.json", "--oracle", "--json"},
                                 kSettings);
  ASSERT_EQ(bench.status, 0) << bench.err;
  const auto figures = json::parse(bench.out);
  EXPECT_EQ(figures.at("queries"), 2);
  EXPECT_GT(figures.at("default_ms"), 0);
  EXPECT_LE(figures.at("oracle_ms"), figures.at("default_ms"));
  for (const auto* key : {"tuned_ms", "gain_captured", "improved_share", "regressed_share",
                          "worst_ratio", "by_evidence", "left_out"})
    EXPECT_TRUE(figures.contains(key)) << key;
  for (const auto* key :
       {"name", "template", "hint", "default_ms", "tuned_ms", "ratio", "ci_low", "ci_high"})
    EXPECT_TRUE(figures.at("per_query").at(0).contains(key)) << key;
}

TEST_F(ProgramTuneTest, WhatCannotBeTunedIsRefusedInALine) {
  const auto policy = scratch_.path() / "policy.json";
  expect_refused(run_program(tune({"--budget", "soon"})), 2, "--budget is 'soon'");
  expect_refused(run_program(tune({"--jobs", "0"})), 2, "--jobs");
  expect_refused(run_program(tune({"--resume"})), 1, "there is nothing to resume");
  expect_refused(run_program(tune({"--arms", "none"})), 1, "none");
  expect_refused(run_program({"tune", "--dsn", dsn_}), 2, "--workload is required");
  expect_refused(run_program({"tune", "--dsn", dsn_, "--workload", "/none.sql", "--out", out_}), 1,
                 "/none.sql cannot be read");
  expect_refused(
      run_program({"tune", "--dsn", dsn_, "--workload", "pg_stat_statements", "--out", out_}), 1,
      "pg_stat_statements is not installed in this database; CREATE EXTENSION");
  expect_refused(run_program({"tune", "--dsn", "host=/nowhere dbname=x", "--workload", workload_,
                              "--out", out_}),
                 1, "/nowhere");
  expect_refused(
      run_program({"bench", "live", "--dsn", dsn_, "--workload", workload_, "--policy", policy}), 1,
      "there is no policy at");
  std::ofstream(policy) << "{}";
  expect_refused(
      run_program({"bench", "live", "--dsn", dsn_, "--workload", workload_, "--policy", policy}), 1,
      "is not a usable policy");
  for (const auto& [text, what] :
       {std::pair<std::string, std::string>{"", "holds no statement"},
        {"-- nothing\n", "holds no statement"},
        {"DELETE FROM orders;", "none of the 1 statements"},
        {"SELECT 1;\nSELECT 'open", "line 2: unterminated quoted string"}}) {
    write(text);
    expect_refused(run_program(tune()), 2, what);
  }
  EXPECT_FALSE(fs::exists(out_ / "policy.json"));
}

TEST_F(ProgramTuneTest, AFolderOfFilesIsAWorkload) {
  const auto folder = scratch_.path() / "queries";
  fs::create_directories(folder);
  std::ofstream(folder / "b.sql") << "SELECT count(*) FROM orders";
  std::ofstream(folder / "a.sql") << "SELECT count(*) FROM customers; SELECT max(id) FROM orders;";
  std::ofstream(folder / "notes.txt") << "not SQL";
  const auto ended = run_program(
      {"tune", "--dsn", dsn_, "--workload", folder, "--out", out_, "--budget", "10s"}, kSettings);
  ASSERT_EQ(ended.status, 0) << ended.err;
  std::set<std::string> names;
  const auto told = report();
  for (const auto& line : told.at("per_statement")) names.insert(line.at("name"));
  EXPECT_EQ(names, (std::set<std::string>{"a/1", "a/2", "b"}));
}

TEST_F(ProgramTuneTest, CtrlCLeavesWhatThereIsAndResumeGoesOn) {
  std::string many;
  for (int i = 0; i < 200; ++i)
    many += "SELECT count(*) FROM orders a JOIN orders b USING (id) WHERE a.id > " +
            std::to_string(i) + ";\n";
  write(many);
  Program first(tune({"--budget", "10m"}), kSettings);
  ASSERT_TRUE(first.wait_for("200 statements"));
  ASSERT_TRUE(first.wait_for("["));
  const auto ended = first.finish_after(SIGINT);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_EQ(report().at("outcome"), "interrupted");
  EXPECT_TRUE(fs::exists(out_ / "report.html"));

  const auto again = run_program(tune({"--budget", "2s", "--resume", "--jobs", "2"}), kSettings);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(report().at("outcome"), "completed");
}

TEST_F(ProgramTuneTest, EvidenceIsStaleOnceTheSchemaHasChanged) {
  write("SELECT count(*) FROM orders;");
  ASSERT_EQ(run_program(tune({"--budget", "5s"}), kSettings).status, 0);
  const auto same = run_program(tune({"--budget", "5s", "--resume"}), kSettings);
  EXPECT_EQ(same.status, 0);
  EXPECT_EQ(same.err.find("stale"), std::string::npos) << same.err;

  ASSERT_EQ(ask("CREATE INDEX ON orders (customer)"), "");
  const auto bench = run_program({"bench", "live", "--dsn", dsn_, "--workload", workload_,
                                  "--policy", out_ / "policy.json", "--json"},
                                 kSettings);
  ASSERT_EQ(bench.status, 0) << bench.err;
  EXPECT_EQ(json::parse(bench.out).at("stale"), "tables, columns or indexes have changed");
  const auto changed = run_program(tune({"--budget", "5s", "--resume"}), kSettings);
  EXPECT_EQ(changed.status, 0);
  EXPECT_NE(changed.err.find("is stale, because tables, columns or indexes have changed"),
            std::string::npos)
      << changed.err;
}

TEST_F(ProgramTuneTest, ALostSessionIsTakenUpAgain) {
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "SELECT count(*) FROM orders a JOIN orders b USING (id) WHERE a.id > " +
            std::to_string(i) + ";\n";
  write(many);
  Program program(tune({"--budget", "15s"}), kSettings);
  ASSERT_TRUE(program.wait_for("100 statements"));
  while (ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
             "'program_tune' AND application_name = 'hintd' AND state = 'active' AND pid <> "
             "pg_backend_pid()") == "0") {
  }
  const auto ended = program.finish();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.err.find("the server is away"), std::string::npos) << ended.err;
  EXPECT_EQ(report().at("outcome"), "completed");
}

}  // namespace
}  // namespace hintd
