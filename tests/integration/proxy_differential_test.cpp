// Sessions sent to the server itself and through the proxy, with hints off and with a hint before
// every eligible statement: the client must hear the same.
#include <gtest/gtest.h>

#include "../proxy/talk.h"
#include "database/postgres/connection.h"
#include "serving.h"

namespace hintd {
namespace {

using namespace proxy::test;
using test::WireClient;
using test::WireMessage;

// What the client says at a time, and how many ReadyForQuery it then waits for.
struct Step {
  std::string said;
  int ready = 1;
  bool cancel = false;  // by another connection, once the server is at it
};
struct Script {
  std::string name;
  std::vector<Step> steps;
};

std::string copy_data(const std::string& bytes) {
  return message('d', bytes);
}

std::string whole_batch(const std::string& sql, const std::vector<std::string>& values = {},
                        const std::string& name = "") {
  return parse(name, sql) + describe('S', name) + proxy::test::bind("", name, values) +
         describe('P', "") + execute() + sync();
}

constexpr std::uint32_t kLower = 870;  // the object identifier of lower(text), in every server

// One argument and the result, both as text.
std::string function_call(std::uint32_t function, const std::string& argument) {
  proxy::MessageWriter writer;
  writer.begin('F');
  writer.u32(function);
  for (const int number : {0, 1}) writer.u16(static_cast<std::uint16_t>(number));
  writer.u32(static_cast<std::uint32_t>(argument.size()));
  writer.bytes(argument);
  writer.u16(0);
  writer.end();
  return writer.take();
}

std::string many_queries(int n) {
  std::string all;
  for (int i = 0; i < n; ++i) all += query("SELECT b FROM corpus WHERE a = " + std::to_string(i));
  return all;
}

std::vector<Script> corpus() {
  const std::string select = "SELECT a, b FROM corpus WHERE a < $1::int ORDER BY a";
  return {
      {"simple",
       {{query("SELECT 1")},
        {query("SELECT a, b FROM corpus WHERE a < 5 ORDER BY a")},
        {query("SELECT count(*) FROM corpus c1 JOIN corpus c2 USING (a)")},
        {query("SELECT a FROM corpus WHERE b = 'it''s' -- comment")},
        {query("/* before */ SELECT 'x' || b AS \"Name\" FROM corpus LIMIT 3;")},
        {query("")},
        {query(";")},
        {query("SELECT 1; SELECT 2; SELECT 3")},
        {query("SHOW enable_nestloop")}}},
      {"errors keep their place",
       {{query("SELECT nope FROM corpus")},
        {query("SELECT a FROM corpus WHERE a = 'x'")},
        {query("SELECT \xc3\xa4, nope FROM corpus")},
        {query("SELECT 1/0")},
        {query("SELEC 1")},
        {query("SELECT a FROM corpus WHERE a/0 = 1")},
        {query("SELECT 1; SELECT nope; SELECT 2")}}},
      {"transactions",
       {{query("BEGIN")},
        {query("SELECT count(*) FROM corpus")},
        {query("SELECT nope")},
        {query("SELECT 1")},
        {query("ROLLBACK")},
        {query("BEGIN")},
        {whole_batch(select, {"3"})},
        {query("SET LOCAL enable_nestloop = off")},
        {query("SHOW enable_nestloop")},
        {query("COMMIT")},
        {query("SHOW enable_nestloop")}}},
      {"extended",
       {{whole_batch(select, {"3"})},
        {whole_batch(select, {"4"})},
        {whole_batch("SELECT a FROM corpus WHERE a = 7")},
        {proxy::test::bind("", "") + execute() + sync()},
        {proxy::test::bind("", "") + execute() + sync()},
        {whole_batch(select, {"x"})},
        {whole_batch("SELECT nope")},
        {whole_batch(select, {"3"}, "named")},
        {proxy::test::bind("", "named", {"5"}) + execute() + sync()},
        {proxy::test::bind("p", "named", {"6"}) + describe('P', "p") + execute("p") + sync()},
        {whole_batch(select, {"3"}, "named")},  // exists already
        {proxy::test::bind("", "named", {"2"}) + execute() + sync()},
        {message('C', "S" + text("named")) + sync()},
        {proxy::test::bind("", "named", {"2"}) + execute() + sync()},
        {whole_batch("EXPLAIN (COSTS OFF) SELECT * FROM corpus c1 JOIN corpus c2 USING (a)")}}},
      {"portals that are suspended",
       {{query("BEGIN")},
        {parse("", select) + proxy::test::bind("c", "", {"9"}) +
         message('E', text("c") + std::string("\0\0\0\2", 4)) + sync()},
        {message('E', text("c") + std::string("\0\0\0\2", 4)) + sync()},
        {query("COMMIT")},
        {parse("", select) + proxy::test::bind("", "", {"9"}) +
         message('E', text("") + std::string("\0\0\0\2", 4)) + sync()}}},
      {"flush",
       {{parse("", select) + describe('S', "") + flush() + proxy::test::bind("", "", {"2"}) +
         execute() + flush() + sync()}}},
      {"pipelines",
       {{many_queries(50), 50},
        {parse("", select) + proxy::test::bind("", "", {"2"}) + execute() +
         proxy::test::bind("", "", {"3"}) + execute() + sync()},
        {whole_batch(select, {"2"}) + whole_batch("SELECT 1/0") + whole_batch(select, {"3"}), 3},
        {parse("", "SELECT 1/0") + proxy::test::bind("", "") + execute() + parse("", select) +
             proxy::test::bind("", "", {"2"}) + execute() + sync() + query("SELECT 5"),
         2}}},
      {"copy",
       {{query("CREATE TEMP TABLE copied (a int, b text)")},
        {query("COPY copied FROM STDIN") + copy_data("1\tx\n2\ty\n") + message('c', "")},
        {query("COPY copied FROM STDIN") + copy_data("wrong\tx\n") + message('c', "")},
        {query("SELECT count(*) FROM copied")},
        {query("COPY copied FROM STDIN") + message('f', text("enough"))},
        {query("COPY copied TO STDOUT")},
        {parse("", "COPY copied FROM STDIN") + proxy::test::bind("", "") + execute() + sync() +
         copy_data("3\tz\n") + message('c', "") + sync()},
        {query("SELECT a + 0 FROM copied ORDER BY a")},
        {query("SELECT count(*) FROM corpus")}}},
      {"settings and prepared statements come and go",
       {{whole_batch(select, {"3"})},
        {query("DISCARD ALL")},
        {whole_batch(select, {"3"})},
        {query("DEALLOCATE ALL")},
        {whole_batch(select, {"3"})},
        {query("SET enable_nestloop = off")},
        {whole_batch(select, {"3"})},
        {query("SELECT count(*) FROM corpus")},
        {query("SHOW enable_nestloop")},
        {query("SHOW plan_cache_mode")},
        {query("RESET ALL")},
        {query("PREPARE q AS SELECT a FROM corpus WHERE a = $1")},
        {query("EXECUTE q(3)")},
        {query("DEALLOCATE q")}}},
      {"function calls",
       {{function_call(kLower, "SHOUT")},
        {function_call(kLower, "Again") + query("SELECT count(*) FROM corpus"), 2},
        {function_call(1, "no such function")},
        {query("BEGIN") + function_call(kLower, "Inside") + query("COMMIT"), 3},
        {query("SELECT count(*) FROM corpus")}}},
      {"portals of a cursor",
       {{query("BEGIN")},
        {query("DECLARE c CURSOR FOR SELECT a FROM corpus ORDER BY a")},
        {query("FETCH 3 FROM c")},
        {message('E', text("c") + std::string("\0\0\0\2", 4)) + sync()},
        {message('C', "P" + text("c")) + sync()},
        {query("FETCH 1 FROM c")},
        {query("ROLLBACK")},
        {whole_batch(select, {"2"})}}},
      {"a cancelled statement's error is the server's own",
       {{query("SET statement_timeout = 20")},
        {query("SELECT count(*) FROM corpus a, corpus b, corpus c")},
        {whole_batch("SELECT count(*) FROM corpus a, corpus b, corpus c WHERE a.a > $1::int",
                     {"0"})},
        {query("RESET statement_timeout")},
        {query("SELECT count(*) FROM corpus")}}},
      {"notices and notifications",
       {{query("LISTEN news")},
        {query("NOTIFY news, 'extra'")},
        {query("DO $$ BEGIN RAISE NOTICE 'hello'; RAISE WARNING 'careful'; END $$")},
        {query("SELECT count(*) FROM corpus")},
        {query("SELECT to_tsquery('english', 'the'), a FROM corpus WHERE a < 3")},
        {query("UNLISTEN *")}}},
      {"cancels",
       {{query("SELECT pg_sleep(600)"), 1, true},
        {query("SELECT count(*) FROM corpus a, corpus b, corpus c, corpus d"), 1, true},
        {whole_batch("SELECT count(*) FROM corpus a, corpus b, corpus c, corpus d WHERE a.a > $1",
                     {"0"}),
         1, true},
        {query("BEGIN")},
        {query("SELECT pg_sleep(600)"), 1, true},
        {query("ROLLBACK")},
        {query("SELECT count(*) FROM corpus")}}},
      {"huge rows",
       {{query("SELECT repeat('x', 3000000)")},
        {query("SELECT repeat(b, 1000) FROM corpus ORDER BY a LIMIT 300")},
        {whole_batch("SELECT repeat($1, 2000000)", {"ab"})},
        {whole_batch("SELECT length($1)", {std::string(500'000, 'y')})},
        {query("SELECT '" + std::string(200'000, 'z') + "'")}}},
      {"functions and statements that change things",
       {{query("CREATE TEMP SEQUENCE s")},
        {query("SELECT nextval('s')")},
        {whole_batch("SELECT nextval('s')")},
        {query("SELECT nextval('s') FROM corpus WHERE a < 3")},
        {query("SELECT current_setting('enable_nestloop')")},
        {query("SELECT a FROM corpus WHERE a = 1 FOR UPDATE")},
        {query("WITH x AS (UPDATE corpus SET b = b WHERE a = 1 RETURNING a) SELECT a FROM x")},
        {query("SELECT current_query()")},
        {query("SELECT setting FROM pg_settings WHERE name = 'enable_nestloop'")}}},
  };
}

// What differs from session to session is left out: keys, and the process of a notification.
std::vector<WireMessage> comparable(std::vector<WireMessage> messages) {
  for (auto& message : messages) {
    if (message.type == 'K') message.body.clear();
    if (message.type == 'A') message.body.erase(0, 4);
  }
  return messages;
}

void cancel_once_at_it(const WireClient& client, const proxy::Address& address) {
  auto watching = database::Connection::open({test::cluster_dsn(), std::chrono::seconds(5), false});
  ASSERT_TRUE(watching) << watching.error().text();
  const auto active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid = " +
                      std::to_string(client.process());
  for (std::string busy = "0"; busy == "0";) busy = *(*watching->query(active))[0][0];
  WireClient another(address);
  another.send(client.cancel_packet());
  EXPECT_EQ(another.read().type, 0);
}

std::vector<WireMessage> play(const Script& script, const proxy::Address& address,
                              const std::string& user, const std::string& database,
                              bool byte_by_byte = false) {
  WireClient client(address);
  auto heard = client.log_in(user, database);
  for (const auto& step : script.steps) {
    if (byte_by_byte && step.said.size() < 5000)
      for (const char byte : step.said) client.send({&byte, 1});
    else
      client.send(step.said);
    if (step.cancel) cancel_once_at_it(client, address);
    const auto answer = client.read_until_ready(step.ready);
    heard.insert(heard.end(), answer.begin(), answer.end());
  }
  return comparable(std::move(heard));
}

class ProxyDifferentialTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    dsn_ = test::fresh_database("differential");
    auto connection = database::Connection::open({dsn_, std::chrono::seconds(5), false});
    ASSERT_TRUE(connection) << connection.error().text();
    ASSERT_TRUE(connection->query("DROP TABLE IF EXISTS corpus"));
    ASSERT_TRUE(connection->query(
        "CREATE TABLE corpus AS SELECT a, 'b' || a AS b FROM generate_series(1, 1000) a"));
    ASSERT_TRUE(connection->query("ANALYZE corpus"));
  }

  void compare(const test::Serving& serving, bool byte_by_byte) {
    ASSERT_NE(serving.front().port, 5432);
    for (const auto& script : corpus()) {
      SCOPED_TRACE(script.name);
      const auto direct = play(script, serving.back(), serving.user(), serving.database());
      const auto proxied =
          play(script, serving.front(), serving.user(), serving.database(), byte_by_byte);
      ASSERT_EQ(direct.size(), proxied.size());
      for (std::size_t i = 0; i < direct.size(); ++i) {
        EXPECT_EQ(direct[i].type, proxied[i].type) << "message " << i;
        EXPECT_EQ(direct[i].body, proxied[i].body) << "message " << i << ", " << direct[i].type;
      }
    }
  }

  // The counter that SHOW hintd.stats has under this name.
  static int stat(const test::Serving& serving, const std::string& name) {
    WireClient client(serving.front());
    client.log_in(serving.user(), serving.database());
    client.send(query("SHOW hintd.stats"));
    for (const auto& message : client.read_until_ready())
      if (const auto at = message.body.find(name); message.type == 'D' && at != std::string::npos)
        return std::stoi(message.body.substr(at + name.size() + 4));
    return -1;
  }

  std::string dsn_;
};

TEST_F(ProxyDifferentialTest, WithoutHintsTheClientHearsWhatTheServerSays) {
  const test::Serving serving({}, {}, dsn_);
  compare(serving, false);
  EXPECT_EQ(stat(serving, "passed.hinted"), 0);
}

TEST_F(ProxyDifferentialTest, WithAHintBeforeEveryEligibleStatementTheClientHearsTheSame) {
  const test::Serving serving({"--force-hints", "hash_indexonly_seq"}, {}, dsn_);
  compare(serving, false);
  EXPECT_GT(stat(serving, "passed.hinted"), 30);
  EXPECT_EQ(stat(serving, "passed.bypassed"), 0);
}

TEST_F(ProxyDifferentialTest, BytesThatArriveOneByOneChangeNothing) {
  const test::Serving serving({"--force-hints", "no_nestloop"}, {}, dsn_);
  compare(serving, true);
  EXPECT_GT(stat(serving, "passed.hinted"), 30);
}

}  // namespace
}  // namespace hintd
