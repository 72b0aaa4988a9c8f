#include "proxy/greeting.h"

#include "proxy/wire.h"

namespace hintd::proxy {
namespace {

// A process and a key of 4 to 256 bytes (protocol 3.2).
constexpr std::size_t kLeastCancelBytes = 16;
constexpr std::size_t kMostCancelBytes = 268;
constexpr std::size_t kEncryptionBytes = 8;

ClientFacts read_facts(std::string_view parameters) {
  ClientFacts facts;
  for (std::size_t at = 0; at < parameters.size();) {
    const auto name = read_text(parameters, at);
    if (name.empty()) break;
    const auto value = read_text(parameters, at);
    if (name == "user") facts.user = value;
    if (name == "database") facts.database = value;
    if (name == "application_name") facts.application = value;
    if (name == "hintd.mode") facts.mode = hint_mode_from(value);
    if (name == "options") facts.mode = hint_mode_in_options(value).value_or(facts.mode);
    if (name == "replication")
      facts.replication = value != "false" && value != "off" && value != "no" && value != "0";
  }
  if (facts.database.empty()) facts.database = facts.user;
  return facts;
}

Greeting::Kind kind_of(std::uint32_t code, std::size_t length) {
  if (code == kSslRequest && length == kEncryptionBytes) return Greeting::Kind::kSsl;
  if (code == kGssRequest && length == kEncryptionBytes) return Greeting::Kind::kGss;
  if (code == kCancelRequest && length >= kLeastCancelBytes && length <= kMostCancelBytes)
    return Greeting::Kind::kCancel;
  // Minor versions are negotiated by the server.
  if (code >> 16 == kProtocolVersion3 >> 16) return Greeting::Kind::kStartup;
  return Greeting::Kind::kMalformed;
}

}  // namespace

Greeting read_greeting(std::string_view bytes) {
  Greeting greeting;
  if (bytes.size() < 8) {
    // A wrong length shows before all bytes are here.
    const bool wrong = bytes.size() >= 4 &&
                       (read_u32(bytes.data()) < 8 || read_u32(bytes.data()) > kMaxStartupBytes);
    if (wrong) greeting.kind = Greeting::Kind::kMalformed;
    return greeting;
  }
  const std::size_t length = read_u32(bytes.data());
  if (length < 8 || length > kMaxStartupBytes) {
    greeting.kind = Greeting::Kind::kMalformed;
    return greeting;
  }
  if (bytes.size() < length) return greeting;
  greeting.packet = bytes.substr(0, length);
  greeting.kind = kind_of(read_u32(bytes.data() + 4), length);
  if (greeting.kind == Greeting::Kind::kStartup)
    greeting.facts = read_facts(bytes.substr(8, length - 8));
  return greeting;
}

}  // namespace hintd::proxy
