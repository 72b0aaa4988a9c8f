#include "core/log.h"
#include "proxy/console.h"
#include "proxy/conversation.h"

namespace hintd::proxy {
namespace {

// Beyond that a client pipelines so far ahead that its statements are no longer followed.
constexpr std::size_t kMaxInFlight = 50'000;

bool client_wanted_whole(char type) {
  switch (type) {
    case 'Q':
    case 'P':
    case 'B':
    case 'E':
    case 'C':
    case 'D':
    case 'p':
      return true;
    default:
      return false;
  }
}

// The text of a whole message that ends with its terminator.
std::string_view text_of(std::string_view body) {
  std::size_t at = 0;
  return read_text(body, at);
}

}  // namespace

std::size_t Conversation::from_client(std::string_view bytes, Outbox& out) {
  now_ = {};
  give_up_if_lost();
  std::size_t at = 0;
  while (at < bytes.size() && !refused_) {
    const auto rest = bytes.substr(at);
    if (stage_ == Stage::kRaw) {
      out.to_server.refer(rest);
      return bytes.size();
    }
    if (guarded_) return at;
    if (const auto hinted = hint_batch(rest, out); hinted == kWait) {
      return at;
    } else if (hinted > 0) {
      at += hinted;
      continue;
    }
    const auto frame = client_frames_.next(rest, client_wanted_whole, kMaxWhole);
    if (frame.kind == Frame::Kind::kMore) return at;
    on_client_frame(frame, out);
    at += frame.bytes.size();
  }
  return at;
}

void Conversation::on_client_frame(const Frame& frame, Outbox& out) {
  if (frame.kind == Frame::Kind::kMalformed) stage_ = Stage::kRaw;  // the server will say so
  if (frame.kind == Frame::Kind::kRest || frame.kind == Frame::Kind::kMalformed)
    return out.to_server.refer(frame.bytes);
  if (stage_ == Stage::kLogin) return on_login_answer(frame, out);
  switch (frame.type) {
    case 'Q':
      return on_query(frame, out);
    case 'P':
      return on_parse(frame, out);
    case 'B':
      return on_bind(frame, out);
    case 'E':
      return on_execute(frame, out);
    case 'C':
      on_close(frame);
      break;
    case 'D':
      if (frame.kind == Frame::Kind::kWhole && frame.body() == std::string_view("S\0", 2))
        send_unnamed_anew(out);
      break;
    case 'S':
      on_sync();
      break;
    case 'F':
      push(InFlight::Kind::kQuery);
      break;
    case 'c':
    case 'f':
      if (!in_flight_.empty()) push(InFlight::Kind::kCopyEnd);
      copying_in_ = false;
      break;
    default:
      break;
  }
  out.to_server.refer(frame.bytes);
}

void Conversation::on_login_answer(const Frame& frame, Outbox& out) {
  constexpr std::string_view kScram("SCRAM-SHA-256\0", 14);
  constexpr std::size_t kResponseAt = kScram.size() + 4;
  const auto body = frame.kind == Frame::Kind::kWhole ? frame.body() : std::string_view();
  // "y" says: I could bind to the channel, but you did not offer it. The server did, and would take
  // it for an attack.
  if (binding_hidden_ && body.starts_with(kScram) && body.size() > kResponseAt &&
      body[kResponseAt] == 'y')
    return refuse(
        "28000", "channel binding cannot work through hintd, which ends TLS on both sides",
        "connect with channel_binding=disable, or without TLS on one of the two sides", out);
  out.to_server.refer(frame.bytes);
}

InFlight& Conversation::push(InFlight::Kind kind) {
  if (in_flight_.size() >= kMaxInFlight) doubt("too many statements in flight");
  auto& entry = in_flight_.push(kind);
  entry.sent = now();
  return entry;
}

bool Conversation::may_hint_here() const {
  return status_ == 'I' && in_flight_.empty() && !executed_since_sync_;
}

Choice Conversation::choose(const KnownStatement* statement, BoundLiterals bound) const {
  auto choice = worker_.choose(statement, std::move(bound));
  if (!choice.hint()) return choice;
  const auto pass = [&](PassReason reason) {
    not_applied(choice, reason);
    return choice;
  };
  if (off_) return pass(PassReason::kOff);
  if (!worker_.parts().roles.allows(facts_.user) ||
      !worker_.parts().applications.allows(reported_.application))
    return pass(PassReason::kFiltered);
  if (bypassed_) return pass(PassReason::kBypassed);
  if (!reported_.standard_strings || !reported_.safe_encoding) return pass(PassReason::kEncoding);
  if (status_ != 'I') return pass(PassReason::kInTransaction);
  if (!may_hint_here()) return pass(PassReason::kPipelined);
  return choice;
}

bool Conversation::answer_console(std::string_view text, Outbox& out) {
  if (!in_flight_.empty()) return false;
  const auto topic = console_topic(text);
  if (topic.empty()) return false;
  const auto table = topic == "mode" ? ConsoleTable{{"hintd.mode"}, {{off_ ? "off" : "on"}}}
                                     : console_.show(topic);
  if (!table) return false;
  out.to_client.copy(text_table(table->columns, table->rows, "SHOW", status_));
  return true;
}

void Conversation::take_mode(HintMode mode) {
  if (mode == HintMode::kUnknown) return;
  off_ = (mode == HintMode::kDefault ? facts_.mode : mode) == HintMode::kOff;
}

// In a transaction, and among other messages, the error would have to be the server's: there the
// value changes nothing.
bool Conversation::set_mode(std::string_view text, Outbox& out) {
  const auto mode = hint_mode_set_by(text);
  if (mode) take_mode(*mode);
  const bool refused = mode == HintMode::kUnknown && in_flight_.empty() && status_ == 'I';
  if (refused)
    out.to_client.copy(error_response({"ERROR", "22023",
                                       "invalid value for parameter \"hintd.mode\"", kHintModes}) +
                       message_header('Z', 1) + status_);
  return refused;
}

void Conversation::on_query(const Frame& frame, Outbox& out) {
  const bool whole = frame.kind == Frame::Kind::kWhole;
  const auto text = whole ? text_of(frame.body()) : std::string_view();
  if (answer_console(text, out)) return;
  if (set_mode(text, out)) return;
  unnamed_planned_ = false;  // a simple Query drops the unnamed statement
  statements_.erase("");

  auto statement = whole ? worker_.statement(text) : nullptr;
  auto choice = choose(statement.get());
  if (choice.hint() && worker_.still_stands(*statement, choice))
    return run_by_attempts(frame.bytes, false, std::move(statement), choice, out);
  auto& entry = push(InFlight::Kind::kQuery);
  entry.statement = std::move(statement);
  entry.choice = choice;
  out.to_server.refer(frame.bytes);
}

void Conversation::on_parse(const Frame& frame, Outbox& out) {
  auto& entry = push(InFlight::Kind::kParse);
  if (frame.kind == Frame::Kind::kWhole) {
    std::size_t at = 0;
    const auto name = read_text(frame.body(), at);
    const auto text = read_text(frame.body(), at);
    entry.parsed_name = name;
    if (const auto mode = hint_mode_set_by(text)) take_mode(*mode);
    statements_.set(name, worker_.statement(text));
    if (name.empty()) unnamed_planned_ = false;
  } else {
    // Its name may not be here yet: any statement could be another one from now on.
    statements_.clear();
    unnamed_planned_ = false;
  }
  out.to_server.refer(frame.bytes);
}

// For a statement that is not alone in its batch: that what is chosen cannot be applied.
Choice Conversation::choose_among_others(const KnownStatement* statement,
                                         std::string_view bind) const {
  auto choice = choose(statement, bound_literals(statement, bind));
  if (choice.hint()) not_applied(choice, PassReason::kPipelined);
  return choice;
}

void Conversation::on_bind(const Frame& frame, Outbox& out) {
  if (frame.kind != Frame::Kind::kWhole) {
    portals_.clear();
    return out.to_server.refer(frame.bytes);
  }
  std::size_t at = 0;
  const auto portal_name = read_text(frame.body(), at);
  const auto name = read_text(frame.body(), at);
  if (name.empty()) send_unnamed_anew(out);
  Portal portal;
  if (const auto* statement = statements_.find(name)) portal.statement = *statement;
  portal.choice =
      batch_choice_ ? *batch_choice_ : choose_among_others(portal.statement.get(), frame.body());
  portals_.set(portal_name, std::move(portal));
  out.to_server.refer(frame.bytes);
}

void Conversation::on_execute(const Frame& frame, Outbox& out) {
  auto& entry = push(InFlight::Kind::kExecute);
  executed_since_sync_ = true;
  std::size_t at = 0;
  const bool whole = frame.kind == Frame::Kind::kWhole;
  const auto name = whole ? read_text(frame.body(), at) : std::string_view();
  if (const auto* portal = whole ? portals_.find(name) : nullptr) {
    entry.statement = portal->statement;
    entry.choice = portal->choice;
  } else {
    entry.choice.pass = PassReason::kUnknownText;
  }
  out.to_server.refer(frame.bytes);
}

void Conversation::on_close(const Frame& frame) {
  if (frame.kind != Frame::Kind::kWhole || frame.body().empty()) return;
  const auto name = text_of(frame.body().substr(1));
  if (frame.body()[0] == 'S') {
    statements_.erase(name);
    if (name.empty()) unnamed_planned_ = false;
  } else {
    portals_.erase(name);
  }
}

void Conversation::on_sync() {
  executed_since_sync_ = false;
  batch_refused_ = false;
  batch_choice_.reset();
  if (copying_in_) return;  // the server does not answer it
  in_flight_.push(InFlight::Kind::kSync);
}

void Conversation::send_unnamed_anew(Outbox& out) {
  if (!unnamed_planned_) return;
  unnamed_planned_ = false;
  push(InFlight::Kind::kOurParse);
  out.to_server.copy(unnamed_parse_);
}

void Conversation::doubt(std::string_view why) {
  if (!lost_) log_warning("session_bypassed", {{"user", facts_.user}, {"reason", why}});
  bypassed_ = lost_ = true;
}

}  // namespace hintd::proxy
