// Much of everything: nothing is lost, and nothing is left behind. `hintd bench proxy --bulk` does
// the same at full size.
#include <gtest/gtest.h>

#include "../proxy/talk.h"
#include "resident_memory.h"
#include "serving.h"

namespace hintd {
namespace {

using namespace proxy::test;
using test::Serving;
using test::WireClient;

constexpr long kUnnoticedKib = test::kMemoryTells ? 16'384 : 1L << 40;

std::unique_ptr<WireClient> logged_in(const proxy::Address& address, const Serving& serving) {
  auto client = std::make_unique<WireClient>(address);
  const timeval patience{120, 0};
  setsockopt(client->descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  EXPECT_EQ(client->log_in(serving.user(), serving.database()).back().type, 'Z');
  return client;
}

std::ptrdiff_t open_files(Serving& serving) {
  const std::filesystem::directory_iterator files("/proc/" +
                                                  std::to_string(serving.program().pid()) + "/fd");
  return std::distance(begin(files), end(files));
}

class ProxyBulkTest : public testing::Test {
 protected:
  void SetUp() override { HINTD_NEEDS_POSTGRES(); }
};

TEST_F(ProxyBulkTest, ConnectionsOpenedAndClosedLeaveNothingBehind) {
  Serving serving;
  const auto come_and_go = [&](int times) {
    for (int i = 0; i < times; ++i) logged_in(serving.front(), serving)->send(message('X', ""));
  };
  come_and_go(50);
  const auto files = open_files(serving);
  const auto memory = test::resident_kib(serving.program().pid());
  come_and_go(150);
  // Others by hanging up before they have said who they are.
  for (int i = 0; i < 350; ++i) WireClient(serving.front()).send(std::string(2, '\0'));
  const auto last = logged_in(serving.front(), serving);
  // The last one's two, and what the explorer, jobs and telemetry open for themselves meanwhile.
  constexpr int kOwn = 10;
  const Stopwatch watch;
  while (open_files(serving) > files + kOwn && watch.elapsed() < Seconds(120)) {
  }
  EXPECT_LE(open_files(serving), files + kOwn) << "of 850 that came and went";
  EXPECT_LT(test::resident_kib(serving.program().pid()), memory + kUnnoticedKib);
}

TEST_F(ProxyBulkTest, ACopyOutIsTheServersOwnAndComesInAgainWhole) {
  Serving serving({"--force-hints", "no_nestloop"});
  const auto direct = logged_in(serving.back(), serving);
  const auto client = logged_in(serving.front(), serving);
  const auto ask = [](WireClient& whom, const std::string& sql) {
    whom.send(query(sql));
    return whom.read_until_ready();
  };
  ask(*direct, "DROP TABLE IF EXISTS bulk, bulk_again");
  ask(*direct,
      "CREATE TABLE bulk AS SELECT a, repeat(md5(a::text), 10) AS b FROM generate_series(1, "
      "40000) a");
  ask(*direct, "CREATE TABLE bulk_again (LIKE bulk)");
  const auto memory = test::resident_kib(serving.program().pid());
  const auto copied = ask(*client, "COPY bulk TO STDOUT");
  ASSERT_GT(copied.size(), 40'000U);
  EXPECT_TRUE(copied == ask(*direct, "COPY bulk TO STDOUT"));

  client->send(query("COPY bulk_again FROM STDIN"));
  ASSERT_EQ(client->read().type, 'G');
  std::string lines;
  for (const auto& said : copied)
    if (said.type == 'd') lines += message('d', said.body);
  client->send(lines);
  client->send(message('c', ""));
  EXPECT_EQ(client->read_until_ready().back().body, "I");
  EXPECT_LT(test::resident_kib(serving.program().pid()), memory + kUnnoticedKib);
  const auto sum_of = [&](const std::string& table) {
    return ask(*direct, "SELECT count(*), sum(hashtext(t::text)) FROM " + table + " t")[1].body;
  };
  EXPECT_EQ(sum_of("bulk_again"), sum_of("bulk"));
  ask(*direct, "DROP TABLE bulk, bulk_again");
}

TEST_F(ProxyBulkTest, ARowOfAHundredMegabytesGoesThroughWithoutBeingKept) {
  Serving serving;
  const auto client = logged_in(serving.front(), serving);
  const auto memory = test::resident_kib(serving.program().pid());
  client->send(query("SELECT repeat('0123456789', 10000000)"));
  std::string row;
  for (auto& said : client->read_until_ready())
    if (said.type == 'D') row = std::move(said.body);
  ASSERT_EQ(row.size(), 100'000'006U);
  std::size_t wrong = 0;
  for (std::size_t i = 6; i < row.size(); ++i)
    wrong += row[i] != static_cast<char>('0' + (i - 6) % 10);
  EXPECT_EQ(wrong, 0U);
  EXPECT_LT(test::resident_kib(serving.program().pid()), memory + kUnnoticedKib);
}

}  // namespace
}  // namespace hintd
