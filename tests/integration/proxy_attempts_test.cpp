// Rules with patience and deadlines through a proxy before a real server: what is cancelled is the
// run that was meant, and nothing else.
#include <gtest/gtest.h>

#include <mutex>

#include "core/policy.h"
#include "database/postgres/connection.h"
#include "database/postgres/server_address.h"
#include "program.h"
#include "proxy/proxy.h"

namespace hintd {
namespace {

class AllowAll final : public Guard {
 public:
  bool allows(std::uint64_t, ArmId) const noexcept override { return true; }
};

class KeptStatements final : public EventSink {
 public:
  bool record(Event event) noexcept override {
    const std::lock_guard lock(mutex_);
    if (auto* observed = std::get_if<QueryObserved>(&event)) kept_.push_back(*observed);
    return true;
  }
  std::vector<QueryObserved> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(kept_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<QueryObserved> kept_;
};

constexpr ArmId kHash = 1;
constexpr ArmId kNoBetter = 2;  // than the default
// Every row is compared with every other one, unless under the arm.
constexpr const char* kJoin = "SELECT count(*) FROM pairs a JOIN pairs b ON a.n = b.n WHERE a.n < ";

class ProxyAttemptsTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    const auto dsn = test::fresh_database("attempts");
    auto connection = database::Connection::open({dsn, std::chrono::seconds(60), false});
    ASSERT_TRUE(connection) << connection.error().text();
    for (const auto* sql :
         {"DROP TABLE IF EXISTS pairs", "CREATE TABLE pairs AS SELECT generate_series(1, 30000) n",
          "ANALYZE pairs", "DROP TABLE IF EXISTS few",
          "CREATE TABLE few AS SELECT n FROM pairs WHERE n <= 1000", "ANALYZE few",
          "ALTER DATABASE attempts SET enable_hashjoin = off",
          "ALTER DATABASE attempts SET enable_mergejoin = off",
          "ALTER DATABASE attempts SET jit = off",
          "ALTER DATABASE attempts SET max_parallel_workers_per_gather = 0"})
      ASSERT_TRUE(connection->query(sql)) << sql;
    const auto server = *database::find_server(dsn);
    proxy::ProxyConfig config;
    config.listen = "127.0.0.1:0";
    config.io_threads = 1;
    safety::SafetyConfig limits;
    limits.min_deadline = Millis(2);
    auto started = proxy::Proxy::start(
        config, {{server.host, server.port}, proxy::ServerTls::kOff, ""},
        {catalogue_, governance_, optimizer_, events_, clock_, nullptr, "", limits});
    ASSERT_TRUE(started) << started.error().text();
    proxy_ = std::move(*started);
    front_dsn_ = "host=127.0.0.1 port=" + std::to_string(proxy_->listening().port) +
                 " user=" + server.user + " dbname=attempts";
  }

  void steer(const std::string& sql, Millis patience, Millis default_latency, ArmId arm = kHash) {
    TemplateRule rule;
    rule.rest = {arm, patience, patience};
    rule.default_latency = default_latency;
    optimizer_.publish(std::make_shared<MemoryPolicy>(
        ++version_,
        TemplateRules{{parse_query(sql)->query_template->fingerprint, std::move(rule)}}));
  }

  database::Connection connect() {
    auto connection = database::Connection::open({front_dsn_, std::chrono::seconds(60), false});
    if (!connection) throw std::runtime_error(connection.error().text());
    return std::move(*connection);
  }

  static std::string ask(database::Connection& connection, const std::string& sql) {
    const auto answer = connection.query(sql);
    return answer ? *answer->at(0).at(0) : answer.error().text();
  }

  HintCatalogue catalogue_ =
      *HintCatalogue::create({{"default", "", {}},
                              {"hash", "", {{"enable_hashjoin", "on"}}},
                              {"no_better", "", {{"enable_mergejoin", "off"}}}});
  Governance governance_{{"count"}};
  AllowAll guard_;
  Optimizer optimizer_{Mode::kSteer, guard_};
  KeptStatements events_;
  SystemClock clock_;
  std::unique_ptr<proxy::Proxy> proxy_;
  std::string front_dsn_;
  std::uint32_t version_ = 0;
};

TEST_F(ProxyAttemptsTest, AStatementThatOutlastsItsPatienceEndsUnderTheHint) {
  const std::string slow = std::string(kJoin) + "30000";
  steer(slow, Millis(100), Millis(60'000));
  auto connection = connect();
  EXPECT_EQ(ask(connection, slow), "29999");
  EXPECT_EQ(ask(connection, "SHOW enable_hashjoin"), "off") << "the hint ended with its statement";
  const auto told = events_.take();
  ASSERT_GE(told.size(), 1U);
  EXPECT_EQ(told[0].decision.arm, kHash);
  EXPECT_EQ(told[0].decision.reason, DecisionReason::kHedged);
  EXPECT_GE(told[0].lost, Millis(100));
}

TEST_F(ProxyAttemptsTest, AStatementThatIsFastEnoughIsLeftAlone) {
  const std::string fast = std::string(kJoin) + "3";
  steer(fast, Millis(60'000), Millis(60'000));
  auto connection = connect();
  EXPECT_EQ(ask(connection, fast), "2");
  const auto told = events_.take();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].decision.arm, kDefaultArm);
  EXPECT_EQ(proxy_->counts().passed[static_cast<std::size_t>(proxy::PassReason::kHedged)], 1);
}

// Limits that strike before, while and after the statement ends, of the default and of the arm.
TEST_F(ProxyAttemptsTest, WhenALimitStrikesDoesNotMatterToTheClient) {
  auto connection = connect();
  for (const ArmId arm : {kHash, kNoBetter})
    for (const double patience_ms : {0.0, 1.0, 2.0, 4.0})
      for (int rows = 10; rows <= 400; rows += 10) {
        const auto sql = "SELECT count(*) FROM few a JOIN few b ON a.n = b.n WHERE a.n < " +
                         std::to_string(rows);
        steer(sql, Millis(patience_ms), Millis(0), arm);
        ASSERT_EQ(ask(connection, sql), std::to_string(rows - 1));
        // What no rule knows has no limit: a cancel that came late would strike it.
        ASSERT_EQ(ask(connection, "SELECT 7"), "7");
      }
  int hedged = 0;
  int stopped = 0;
  for (const auto& told : events_.take()) {
    EXPECT_EQ(told.error, "");
    hedged += told.decision.reason == DecisionReason::kHedged;
    stopped += told.lost > Millis(0) || told.timed_out;
  }
  RecordProperty("hedged", hedged);
  RecordProperty("stopped", stopped);
}

}  // namespace
}  // namespace hintd
