// A conversation without sockets: what the client and the server say goes in, in fragments of any
// size, and what each of them would hear comes out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/conversation.h"
#include "proxy/wire.h"

namespace hintd::proxy::test {

// The arm of these tests and what goes before a statement that is run under it.
inline constexpr ArmId kArm = 1;
inline constexpr const char* kSet = "SET LOCAL enable_nestloop = 'off'; ";

class AllowAll final : public Guard {
 public:
  bool allows(std::uint64_t, ArmId) const noexcept override { return true; }
};

class KeptEvents final : public EventSink {
 public:
  bool record(Event event) noexcept override {
    if (full) return false;
    if (auto* observed = std::get_if<QueryObserved>(&event)) statements.push_back(*observed);
    if (auto* seen = std::get_if<TemplateSeen>(&event)) templates.push_back(*seen);
    return true;
  }
  std::vector<TemplateSeen> templates;
  std::vector<QueryObserved> statements;
  bool full = false;
};

// Due until it is taken.
class OneTrial final : public Trials {
 public:
  std::optional<Trial> due(std::uint64_t) noexcept override { return trial; }
  bool take(std::uint64_t) noexcept override { return std::exchange(trial, {}).has_value(); }
  void ended(const TrialEnd& end) noexcept override { ends.push_back(end); }
  std::optional<Trial> trial;
  std::vector<TrialEnd> ends;
};

class Tap final : public StatementTap {
 public:
  void ran(const KnownStatement&, Millis) override {
    if (heard) heard();
  }
  std::function<void()> heard;
};

class NoConsole final : public Console {
 public:
  std::optional<ConsoleTable> show(std::string_view topic) const override {
    if (silent || topic != "status") return std::nullopt;
    return ConsoleTable{{"name", "value"}, {{"mode", "steer"}}};
  }
  bool silent = false;  // everything goes to the server
};

// Messages of the client's.
inline std::string message(char type, std::string_view body) {
  return message_header(type, body.size()) + std::string(body);
}
inline std::string text(std::string_view value) {
  return std::string(value) + '\0';
}
inline std::string query(std::string_view sql) {
  return message('Q', text(sql));
}
inline std::string parse(std::string_view name, std::string_view sql) {
  return message('P', text(name) + text(sql) + std::string(2, '\0'));
}
inline std::string bind(std::string_view portal, std::string_view name,
                        const std::vector<std::string>& values = {}) {
  MessageWriter writer;
  writer.begin('B');
  writer.text(portal);
  writer.text(name);
  writer.u16(0);
  writer.u16(static_cast<std::uint16_t>(values.size()));
  for (const auto& value : values) {
    writer.u32(static_cast<std::uint32_t>(value.size()));
    writer.bytes(value);
  }
  writer.u16(0);
  writer.end();
  return writer.take();
}
inline std::string execute(std::string_view portal = "") {
  return message('E', text(portal) + std::string(4, '\0'));
}
inline std::string describe(char kind, std::string_view name) {
  return message('D', kind + text(name));
}
inline std::string sync() {
  return message('S', "");
}
inline std::string flush() {
  return message('H', "");
}

// Messages of the server's.
inline std::string ready(char status = 'I') {
  return message('Z', std::string(1, status));
}
inline std::string complete(std::string_view tag) {
  return message('C', text(tag));
}
inline std::string row(std::string_view value) {
  MessageWriter writer;
  writer.begin('D');
  writer.u16(1);
  writer.u32(static_cast<std::uint32_t>(value.size()));
  writer.bytes(value);
  writer.end();
  return writer.take();
}
inline std::string rows_described() {
  return message('T', std::string(2, '\0'));
}
inline std::string parsed() {
  return message('1', "");
}
inline std::string bound() {
  return message('2', "");
}
inline std::string error(std::string_view sqlstate, std::string_view position = "",
                         std::string_view severity = "ERROR") {
  std::string body = "S" + text(severity) + "V" + text(severity) + "C" + text(sqlstate) + "M" +
                     text("something is wrong");
  if (!position.empty()) body += "P" + text(position);
  return message('E', body + '\0');
}
inline std::string authenticated() {
  return message('R', std::string(4, '\0')) + ready();
}

// The server's answers to a hint before a batch, but for its Parse.
inline const std::string kOurAnswers = bound() + row("force_custom_plan") + complete("SELECT 1");

class Talk {
 public:
  // `fragment`: bytes that arrive at a time. `logged_in`: what comes before is over.
  explicit Talk(std::optional<ArmId> forced = std::nullopt, std::size_t fragment = 1 << 20,
                bool logged_in = true)
      : worker({injections,
                governance,
                optimizer,
                events,
                clock,
                switches,
                &tap,
                "shop",
                {},
                nullptr,
                &trials,
                forced}),
        fragment_(fragment) {
    conversation.emplace(worker, console, ClientFacts{"ann", "shop", "web", false});
    if (!logged_in) return;
    server(authenticated());
    heard();
    sent();
  }

  // What the client says, what the server says.
  void client(const std::string& bytes) { feed(bytes, client_carry_, &Conversation::from_client); }
  void server(const std::string& bytes) { feed(bytes, server_carry_, &Conversation::from_server); }
  // What has reached the client, the server, since last asked.
  std::string heard() { return std::exchange(to_client_, {}); }
  std::string sent() { return std::exchange(to_server_, {}); }

  // The server has hung up on the cancel request.
  void cancel_closed() {
    Outbox out;
    conversation->cancel_closed(out);
    to_client_ += out.to_client.text();
    to_server_ += out.to_server.text();
    if (!client_carry_.empty()) take(client_carry_, &Conversation::from_client);
  }

  HintCatalogue catalogue =
      *HintCatalogue::create({{"default", "", {}},
                              {"no_nestloop", "", {{"enable_nestloop", "off"}}},
                              {"two", "", {{"enable_hashjoin", "off"}, {"work_mem", "64MB"}}}});
  Injections injections{catalogue};
  Governance governance{{"count", "lower"}};
  AllowAll guard;
  Optimizer optimizer{Mode::kSteer, guard};
  KeptEvents events;
  SystemClock clock;
  Switches switches;
  NoConsole console;
  Tap tap;
  OneTrial trials;
  Worker worker;
  std::optional<Conversation> conversation;

 private:
  using Step = std::size_t (Conversation::*)(std::string_view, Outbox&);

  // As a session does: what was not taken is kept, and what the client said waits while the
  // conversation does not want it.
  void feed(const std::string& bytes, std::string& carry, Step step) {
    for (std::size_t at = 0; at < bytes.size(); at += fragment_) {
      carry += bytes.substr(at, fragment_);
      take(carry, step);
    }
    if (!client_carry_.empty() && conversation->wants_client())
      take(client_carry_, &Conversation::from_client);
  }

  void take(std::string& carry, Step step) {
    if (step == &Conversation::from_client && !conversation->wants_client()) return;
    Outbox out;
    const auto taken = ((*conversation).*step)(carry, out);
    to_client_ += out.to_client.text();
    to_server_ += out.to_server.text();
    carry.erase(0, taken);
  }

  std::size_t fragment_;
  std::string client_carry_;
  std::string server_carry_;
  std::string to_client_;
  std::string to_server_;
};

}  // namespace hintd::proxy::test
