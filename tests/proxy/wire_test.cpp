#include "proxy/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/batch.h"
#include "proxy/console.h"
#include "proxy/frame_scanner.h"
#include "proxy/greeting.h"
#include "proxy/listener.h"
#include "proxy/name_filter.h"
#include "talk.h"

namespace hintd::proxy::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kAllWhole = [](char) { return true; };
constexpr auto kNoneWhole = [](char) { return false; };

std::string u32(std::uint32_t value) {
  MessageWriter writer;
  writer.u32(value);
  return writer.take();
}

std::string packet(std::uint32_t code, const std::string& rest = "") {
  return u32(static_cast<std::uint32_t>(8 + rest.size())) + u32(code) + rest;
}

TEST(FrameScannerTest, CutsMessagesWhereverTheyAreBroken) {
  const auto bytes = query("SELECT 1") + sync() + message('d', std::string(1000, 'x'));
  for (std::size_t fragment : {1, 2, 5, 7, 100, 5000}) {
    FrameScanner scanner;
    std::string types;
    std::string carry;
    std::string through;
    for (std::size_t at = 0; at < bytes.size(); at += fragment) {
      carry += bytes.substr(at, fragment);
      while (true) {
        const auto frame = scanner.next(carry, kNoneWhole, 0);
        if (frame.kind == Frame::Kind::kMore) break;
        if (frame.kind != Frame::Kind::kRest) types += frame.type;
        through += frame.bytes;
        carry.erase(0, frame.bytes.size());
      }
    }
    EXPECT_EQ(types, "QSd") << fragment;
    EXPECT_EQ(through, bytes) << fragment;
  }
}

TEST(FrameScannerTest, WaitsForWholeMessagesUpToTheLimit) {
  FrameScanner scanner;
  const auto bytes = query("SELECT 1");
  EXPECT_EQ(scanner.next(bytes.substr(0, 8), kAllWhole, 100).kind, Frame::Kind::kMore);
  EXPECT_EQ(scanner.next(bytes, kAllWhole, 100).kind, Frame::Kind::kWhole);
  EXPECT_EQ(scanner.next(bytes.substr(0, 8), kAllWhole, 10).kind, Frame::Kind::kHead);
  EXPECT_FALSE(scanner.between_messages());
}

TEST(FrameScannerTest, LengthsThatNoMessageHasAreMalformed) {
  for (const std::uint32_t length : {0U, 3U, 0x40000000U, 0xFFFFFFFFU}) {
    FrameScanner scanner;
    EXPECT_EQ(scanner.next("Q" + u32(length) + "rest", kAllWhole, 100).kind,
              Frame::Kind::kMalformed)
        << length;
  }
}

TEST(WireTest, PositionsAreLoweredAndOtherFieldsStay) {
  EXPECT_EQ(with_lower_position(error("42703", "43"), 35), error("42703", "8"));
  EXPECT_EQ(with_lower_position(error("42703"), 35), error("42703"));
  EXPECT_EQ(with_lower_position(error("42703", "12"), 35), error("42703", "12"))
      << "a position inside the prefix is not the client's";
}

TEST(WireTest, ErrorFieldsAreFoundInAnyBytes) {
  EXPECT_EQ(error_field("C42P01" + std::string(1, '\0') + "Mno\0", 'C'), "42P01");
  EXPECT_EQ(error_field("C42P01", 'C'), "") << "not terminated";
  EXPECT_EQ(error_field("", 'C'), "");
}

TEST(WireTest, RowsComeFromTheTag) {
  EXPECT_EQ(rows_of_tag("SELECT 12"), 12);
  EXPECT_EQ(rows_of_tag("INSERT 0 3"), 3);
  EXPECT_EQ(rows_of_tag("BEGIN"), 0);
}

TEST(WireTest, BoundValuesAreThoseInTextFormat) {
  const auto message = bind("p", "s", {"abc", ""});
  EXPECT_THAT(bound_values(std::string_view(message).substr(kHeaderBytes)), ElementsAre("abc", ""));
  MessageWriter writer;
  writer.text("");
  writer.text("");
  writer.u16(2);  // formats: binary, text
  writer.u16(1);
  writer.u16(0);
  writer.u16(3);
  writer.u32(4);
  writer.u32(7);
  writer.u32(0xFFFFFFFF);  // NULL
  writer.u32(2);
  writer.bytes("de");
  const auto values = bound_values(writer.written());
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].data(), nullptr);
  EXPECT_EQ(values[1].data(), nullptr);
  EXPECT_EQ(values[2].data(), nullptr) << "more values than formats";
}

TEST(WireTest, BoundValuesOfCutOffBytesAreNoneOrFewer) {
  const auto whole = bind("p", "s", {"abc", "de"});
  const auto body = std::string_view(whole).substr(kHeaderBytes);
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_LE(bound_values(body.substr(0, size)).size(), 2U);
}

TEST(GreetingTest, KnowsWhatClientsBeginWith) {
  EXPECT_EQ(read_greeting(packet(kSslRequest)).kind, Greeting::Kind::kSsl);
  EXPECT_EQ(read_greeting(packet(kGssRequest)).kind, Greeting::Kind::kGss);
  for (const std::size_t key : {8, 36, 260})  // a process and its key, up to protocol 3.2's 256
    EXPECT_EQ(read_greeting(packet(kCancelRequest, std::string(key, 'x'))).kind,
              Greeting::Kind::kCancel);
  const auto startup = read_greeting(packet(
      kProtocolVersion3,
      text("user") + text("ann") + text("application_name") + text("web") + std::string(1, '\0')));
  EXPECT_EQ(startup.kind, Greeting::Kind::kStartup);
  EXPECT_EQ(startup.facts.user, "ann");
  EXPECT_EQ(startup.facts.database, "ann") << "as the server takes it";
  EXPECT_EQ(startup.facts.application, "web");
  EXPECT_FALSE(startup.facts.replication);
}

TEST(GreetingTest, WaitsForWholePacketsAndRefusesWhatIsNone) {
  const auto whole = packet(kProtocolVersion3, text("user") + text("ann") + std::string(1, '\0'));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(read_greeting(whole.substr(0, size)).kind, Greeting::Kind::kMore) << size;
  EXPECT_EQ(read_greeting("GET / HTTP/1.1\r\n").kind, Greeting::Kind::kMalformed);
  EXPECT_EQ(read_greeting(u32(0)).kind, Greeting::Kind::kMalformed);
  EXPECT_EQ(read_greeting(u32(kMaxStartupBytes + 1)).kind, Greeting::Kind::kMalformed);
  EXPECT_EQ(read_greeting(packet(2 << 16)).kind, Greeting::Kind::kMalformed) << "protocol 2";
  for (const std::size_t key : {0, 4, 261})
    EXPECT_EQ(read_greeting(packet(kCancelRequest, std::string(key, 'x'))).kind,
              Greeting::Kind::kMalformed);
}

TEST(BatchTest, OneStatementUpToTheSyncIsAlone) {
  const auto whole = parse("s", "SELECT $1") + describe('S', "s") + bind("p", "s", {"1"}) +
                     describe('P', "p") + execute("p") + sync();
  const auto followed = whole + query("SELECT 2");
  const auto batch = read_batch(followed, 1000);
  EXPECT_EQ(batch.shape, Batch::Shape::kAlone);
  EXPECT_EQ(batch.bytes, whole);
  EXPECT_TRUE(batch.binds_own_parse());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(read_batch(whole.substr(0, size), 1000).shape, Batch::Shape::kUnfinished) << size;
}

TEST(BatchTest, AnythingElseIsNot) {
  for (const auto& bytes :
       {parse("", "a") + sync(), bind("", "") + sync(), bind("", "") + execute("other") + sync(),
        bind("", "") + execute() + execute() + sync(), bind("", "") + bind("", "") + sync(),
        parse("", "a") + parse("", "b"), parse("", "a") + flush(), query("a"), execute()})
    EXPECT_EQ(read_batch(bytes, 1000).shape, Batch::Shape::kOther);
  EXPECT_EQ(read_batch(parse("", std::string(2000, 'x')), 1000).shape, Batch::Shape::kOther);
}

TEST(ConsoleTest, TopicsAreReadAsPeopleWriteThem) {
  EXPECT_EQ(console_topic("  SHOW  hintd.Stats ;"), "stats");
  EXPECT_THAT(console_topic("SHOW enable_nestloop"), IsEmpty());
  EXPECT_THAT(console_topic("SELECT 'show hintd.stats'"), IsEmpty());
}

TEST(NameFilterTest, LetsThroughWhatItNames) {
  EXPECT_TRUE(NameFilter("*").allows("anything"));
  EXPECT_TRUE(NameFilter("web, batch").allows("batch"));
  EXPECT_FALSE(NameFilter("web, batch").allows("bat"));
}

TEST(ListenAddressTest, HostAndPortAreTold) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:6543")->text(), "127.0.0.1:6543");
  EXPECT_EQ(parse_listen_address("[::1]:1")->host, "::1");
  EXPECT_EQ(parse_listen_address("/run/hintd:6543")->text(), "/run/hintd/.s.PGSQL.6543");
  for (const auto* wrong : {"", "6543", "host:", "host:70000", ":6543", "host:x", "/run:0"})
    EXPECT_FALSE(parse_listen_address(wrong)) << wrong;
  EXPECT_TRUE(is_loopback({"127.0.0.2", 1}));
  EXPECT_TRUE(is_loopback({"::1", 1}));
  EXPECT_TRUE(is_loopback({"/run/hintd", 1}));
  EXPECT_FALSE(is_loopback({"0.0.0.0", 1}));
  EXPECT_FALSE(is_loopback({"192.168.1.1", 1}));
}

TEST(KnownStatementTest, LiteralsAndParametersStandInOrder) {
  const Governance governance({"count"});
  StatementCache cache(governance);
  const auto plain = cache.get("SELECT a FROM t WHERE b = 'x' AND c = 5 AND d = 'y'");
  const auto mixed = cache.get("SELECT a FROM t WHERE b = $2 AND c = 5 AND d = $1");
  EXPECT_EQ(plain->query_template()->fingerprint, mixed->query_template()->fingerprint);
  EXPECT_EQ(literals_with(*mixed, {"y", "x"}), plain->parsed.literals);
  EXPECT_EQ(literals_with(*mixed, {}),
            (std::vector<std::uint64_t>{0, plain->parsed.literals[1], 0}));
  EXPECT_EQ(cache.get(plain->text), plain) << "found again by its text";
}

TEST(KnownStatementTest, TextThatIsNotSqlIsKnownAsSuch) {
  const Governance governance;
  StatementCache cache(governance);
  EXPECT_EQ(cache.get("not sql")->query_template(), nullptr);
}

}  // namespace
}  // namespace hintd::proxy::test
