// Arms that are not proved, tried on users' statements by `hintd serve`, as a user sees it.
#include <gtest/gtest.h>

#include "../proxy/talk.h"
#include "database/postgres/connection.h"
#include "service_setup.h"
#include "serving.h"

namespace hintd {
namespace {

class ServeTrialsTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    dsn_ = test::database_with_numbers("trials");
  }

  // Statements that were tried so far, however they ended.
  static int tried(database::Connection& connection) {
    int count = 0;
    const auto stats = connection.query("SHOW hintd.stats");
    if (!stats) throw std::runtime_error(stats.error().text());
    for (const auto& row : *stats)
      if (row[0] == "passed.hinted" || row[0] == "passed.sent_again") count += std::stoi(*row[1]);
    return count;
  }

  // Asks the same up to so many times, or until one was tried.
  static int ask(database::Connection& connection, int times) {
    for (int i = 0; i < times && tried(connection) == 0; ++i) {
      const auto answer =
          connection.query("SELECT count(*) FROM numbers a JOIN numbers b ON a.n = b.n");
      if (!answer) throw std::runtime_error(answer.error().text());
      EXPECT_EQ(*answer->at(0).at(0), "60000");
    }
    return tried(connection);
  }

  database::Connection connect(const test::Serving& serving) const {
    auto connection = database::Connection::open({serving.dsn(), std::chrono::seconds(60), false});
    if (!connection) throw std::runtime_error(connection.error().text());
    return std::move(*connection);
  }

  // Nothing is explored apart, so that whatever runs hinted is a trial; the agent, which then
  // learns from trials alone, tries any arm.
  static std::vector<std::string> settings(const std::string& inline_share) {
    return {"HINTD_SERVE_INLINE_SHARE=" + inline_share, "HINTD_SERVE_EXPLORE_SHARE=0",
            "HINTD_LEARNING_RULES_MIN_LATENCY_MS=1", "HINTD_LEARNING_AGENT_EPSILON_START=1"};
  }

  std::string dsn_;
};

TEST_F(ServeTrialsTest, ArmsAreTriedOnSlowStatementsAndTheAnswersStayTheSame) {
  const test::Serving serving({"--mode", "steer"}, settings("1"), dsn_);
  auto connection = connect(serving);
  EXPECT_GT(ask(connection, 5'000), 0);
}

TEST_F(ServeTrialsTest, NothingIsTriedUnlessAskedFor) {
  const test::Serving serving({"--mode", "steer"}, settings("0"), dsn_);
  auto connection = connect(serving);
  EXPECT_EQ(ask(connection, 50), 0);
}

}  // namespace
}  // namespace hintd
