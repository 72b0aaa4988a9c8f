// Any bytes from both sides, in fragments of any size: nothing crashes, nothing is read out of
// bounds, and what is not hinted goes through byte for byte. The first byte is the size of the
// fragments, the second how statements are hinted and whether the client has logged in; then come
// steps, each with a byte that says what: a message that makes sense, bytes that may not, a limit
// that has passed, or a cancel's end.
//
// usage: conversation_fuzz -max_total_time=60 [FOLDER of inputs]
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "../tests/proxy/talk.h"
#include "core/policy.h"
#include "proxy/greeting.h"

namespace hintd::proxy::test {
namespace {

constexpr const char* kSql = "SELECT a FROM t";
constexpr const char* kSqlWithParameter = "SELECT a FROM t WHERE a = $1";

const std::vector<std::string>& of_client() {
  static const std::vector<std::string> kMessages = {
      query(kSql),
      query("BEGIN"),
      query("COPY t FROM STDIN"),
      query("DISCARD ALL"),
      query("SET hintd.mode = off"),
      parse("", kSql),
      parse("s", kSqlWithParameter),
      bind("", ""),
      bind("", "s", {"5"}),
      bind("p", "s", {"5"}),
      describe('S', ""),
      describe('P', ""),
      execute(),
      execute("p"),
      sync(),
      flush(),
      message('C', "Ss" + std::string(1, '\0')),
      message('F', std::string(10, '\0')),
      message('d', "1\n"),
      message('c', ""),
      message('X', ""),
      message('p', text("SCRAM-SHA-256") + std::string(3, '\0') + '\x05' + "y,,n="),
      parse("", kSqlWithParameter) + bind("", "", {"5"}) + execute() + sync(),
      parse("s", kSqlWithParameter) + bind("", "s", {"5"}) + execute() + sync(),
      parse("", kSql) + bind("", "") + describe('P', "") + execute() + sync()};
  return kMessages;
}

const std::vector<std::string>& of_server() {
  static const std::vector<std::string> kMessages = {
      ready(),
      message('R', std::string(4, '\0')),
      message('R', std::string(3, '\0') + '\x0a' + text("SCRAM-SHA-256-PLUS") +
                       text("SCRAM-SHA-256") + '\0'),
      ready('T'),
      ready('E'),
      complete("SET"),
      complete("SELECT 1"),
      complete("DISCARD ALL"),
      row("1"),
      rows_described(),
      parsed(),
      bound(),
      error("42704"),
      error("57014"),
      error("53200", "40"),
      error("57P01", "", "FATAL"),
      message('G', std::string(3, '\0')),
      message('H', std::string(3, '\0')),
      message('W', std::string(3, '\0')),
      message('I', ""),
      message('s', ""),
      message('n', ""),
      message('N', "SNOTICE" + std::string(2, '\0')),
      message('A', "1234a" + std::string(2, '\0')),
      message('S', text("client_encoding") + text("SJIS"))};
  return kMessages;
}

// Rules that hang on a limit: alone under a deadline, or after the default's patience.
void steer(Talk& talk, bool hedged) {
  TemplateRules rules;
  for (const auto* sql : {kSql, kSqlWithParameter}) {
    TemplateRule rule;
    rule.rest = {1, Millis(hedged ? 100'000 : 0), Millis(hedged ? 100'000 : 0)};
    rule.default_latency = Millis(100'000);
    rules.emplace(parse_query(sql)->query_template->fingerprint, rule);
  }
  talk.optimizer.publish(std::make_shared<MemoryPolicy>(1, std::move(rules)));
}

}  // namespace
}  // namespace hintd::proxy::test

using namespace hintd::proxy;
using namespace hintd::proxy::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)read_greeting(bytes);
  (void)bound_values(bytes);
  (void)error_field(bytes, 'C');
  const std::size_t fragment = 1 + static_cast<std::uint8_t>(bytes[0]);
  const int hints = static_cast<std::uint8_t>(bytes[1]) % 5;
  const bool logged_in = static_cast<std::uint8_t>(bytes[1]) < 128;
  bytes.remove_prefix(2);
  Talk talk(hints == 1 ? std::optional<hintd::ArmId>(1) : std::nullopt, fragment, logged_in);
  talk.console.silent = true;
  if (hints == 0) talk.optimizer.set_mode(hintd::Mode::kObserve);
  if (hints == 2 || hints == 3) steer(talk, hints == 3);
  if (hints == 4) talk.trials.trial = Trial{1, 0.1F, hintd::Millis(100'000)};
  talk.server(message('K', "12345678"));
  std::string from_client;
  while (!bytes.empty()) {
    const auto take = [&](std::size_t length) {
      const auto part = std::string(bytes.substr(0, length));
      bytes.remove_prefix(part.size());
      return part;
    };
    const auto next = [&] { return bytes.empty() ? 0U : static_cast<std::uint8_t>(take(1)[0]); };
    const auto what = next() % 6;
    std::string part;
    if (what == 0 || what == 1) part = take(next());
    if (what == 2) part = of_client()[next() % of_client().size()];
    if (what == 3) part = of_server()[next() % of_server().size()];
    if (what == 4) talk.conversation->stop_at_limit();
    if (what == 5) talk.cancel_closed();
    const bool client = what == 0 || what == 2;
    if (client) talk.client(part);
    if (client) from_client += part;
    if (what == 1 || what == 3) talk.server(part);
  }
  // What has not been sent on yet is a part of a message.
  if (hints == 0 && !from_client.starts_with(talk.sent())) std::abort();
  return 0;
}
