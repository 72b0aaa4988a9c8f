#include <array>

#include "core/log.h"
#include "proxy/conversation.h"

namespace hintd::proxy {
namespace {

// A server that refuses hints that often in a session refuses them all.
constexpr int kMaxRefusedHints = 5;

// Whether a run under the default may end otherwise: what was computed, resources, the server's
// inside. Not what the statement says (42) and not a cancel or the server's end (57).
bool default_may_succeed(std::string_view sqlstate) {
  static constexpr std::array<std::string_view, 5> kClasses = {"22", "53", "54", "58", "XX"};
  for (const auto error_class : kClasses)
    if (sqlstate.starts_with(error_class)) return true;
  return false;
}

// The server keeps the statement that the batch named, though the batch failed.
std::string without_parse(std::string_view batch) {
  FrameScanner frames;
  std::string rest;
  while (!batch.empty()) {
    const auto frame = frames.next(
        batch, [](char) { return true; }, Conversation::kMaxWhole);
    if (frame.type != 'P') rest += frame.bytes;
    batch.remove_prefix(frame.bytes.size());
  }
  return rest;
}

}  // namespace

void Conversation::run_by_attempts(std::string_view bytes, bool batch,
                                   std::shared_ptr<const KnownStatement> statement,
                                   const Choice& choice, Outbox& out) {
  guarded_.emplace();
  guarded_->bytes = bytes;
  guarded_->batch = batch;
  guarded_->statement = std::move(statement);
  guarded_->choice = choice;
  guarded_->attempts = Attempts::of(choice.decision);
  guarded_->first_sent = now();
  make_attempt(bytes, out);
}

void Conversation::make_attempt(std::string_view bytes, Outbox& out) {
  const auto& attempt = guarded_->attempts.now();
  guarded_->sent = now();
  guarded_->limit = attempt.limit > Millis(0)
                        ? now() + std::chrono::duration_cast<Time::duration>(attempt.limit)
                        : Time{};
  if (guarded_->batch)
    send_batch(bytes, attempt, out);
  else
    send_query(bytes, attempt, out);
  for (std::size_t i = 0; i < in_flight_.size(); ++i) {
    in_flight_[i].sent = guarded_->first_sent;
    in_flight_[i].lost = guarded_->sent - guarded_->first_sent;
    in_flight_[i].timed_out = guarded_->timed_out;
  }
}

// What is to be told if this attempt stands.
Choice Conversation::choice_of_attempt() const {
  auto choice = guarded_->choice;
  const auto& attempts = guarded_->attempts;
  if (attempts.now().hinted()) return choice;
  if (attempts.last()) {
    not_applied(choice, PassReason::kSentAgain);
  } else {
    choice.decision.arm = kDefaultArm;
    choice.pass = PassReason::kHedged;
  }
  return choice;
}

void Conversation::send_query(std::string_view bytes, const Attempt& attempt, Outbox& out) {
  auto& entry = push(InFlight::Kind::kQuery);
  entry.statement = guarded_->statement;
  entry.choice = choice_of_attempt();
  if (!attempt.hinted()) return out.to_server.refer(bytes);
  const auto& arm = worker_.parts().injections[attempt.arm];
  entry.swallow = arm.settings;
  entry.prefix = static_cast<std::uint32_t>(arm.prefix.size());
  const auto text = bytes.substr(kHeaderBytes);
  out.to_server.copy(message_header('Q', arm.prefix.size() + text.size()));
  out.to_server.refer(arm.prefix);
  out.to_server.refer(text);
}

std::optional<std::chrono::steady_clock::time_point> Conversation::limit() const {
  if (!guarded_ || guarded_->stopping || guarded_->limit == Time{}) return std::nullopt;
  return guarded_->limit;
}

bool Conversation::stop_at_limit() {
  if (!limit() || key_.empty()) return false;
  const bool hint_follows = guarded_->attempts.next().hinted();
  const bool allowed = worker_.steering() && !bypassed_;
  if (hint_follows && !allowed) {
    guarded_->limit = {};
    return false;
  }
  stop_guarded(kDeadlinePassed);
  guarded_->cancelling = true;
  if (!hint_follows) guarded_->timed_out = true;
  return true;
}

std::string Conversation::cancel_packet() const {
  MessageWriter packet;
  packet.u32(static_cast<std::uint32_t>(8 + key_.size()));
  packet.u32(kCancelRequest);
  packet.bytes(key_);
  return packet.take();
}

void Conversation::cancel_closed(Outbox& out) {
  if (!guarded_) return;
  now_ = {};
  guarded_->cancelling = false;
  if (guarded_->ended) make_next_attempt(out);
}

void Conversation::stop_guarded(std::string_view why) {
  guarded_->stopping = true;
  if (guarded_->attempts.now().hinted())
    worker_.arm_failed(*guarded_->statement, guarded_->choice, why);
}

// What the client has not heard of the statement yet, it hears now.
void Conversation::let_go(Outbox& out) {
  if (!guarded_) return;
  out.to_client.copy(guarded_->held);
  guarded_.reset();
}

bool Conversation::injected_answer() const {
  const auto* entry = front();
  return entry != nullptr && (entry->kind == InFlight::Kind::kInjected || entry->swallow > 0);
}

// Whether the frame has been dealt with.
bool Conversation::guard_frame(const Frame& frame, Outbox& out) {
  if (frame.type == 'S' || frame.type == 'A') return false;
  if (guarded_->stopping) return swallow_stopped(frame, out);
  const bool injected = injected_answer();
  if (frame.type == 'E' && abandon_failed(frame, injected)) return true;
  if (injected && frame.type != 'E') return false;
  if (frame.type == '1') guarded_->parse_answered = true;
  const bool before_rows = frame.kind == Frame::Kind::kWhole &&
                           std::string_view("12nt3T").find(frame.type) != std::string_view::npos;
  if (!before_rows) {
    let_go(out);
    return false;
  }
  auto* entry = front();
  if (frame.type == '1' && entry != nullptr && entry->kind == InFlight::Kind::kParse)
    in_flight_.pop();
  guarded_->held += frame.bytes;
  return true;
}

// The rest of an abandoned attempt's answers. The server sends most of them only now.
bool Conversation::swallow_stopped(const Frame& frame, Outbox& out) {
  dropping_rest_ = frame.kind == Frame::Kind::kHead;
  const bool whole = frame.kind == Frame::Kind::kWhole;
  if (frame.type == 'E' && whole && error_field(frame.body(), 'V') != "ERROR") {
    let_go(out);  // the server's last words
    return false;
  }
  const bool injected = injected_answer();
  if (injected && frame.type == 'C') on_complete(frame, out);
  if (!injected && frame.type == '1') guarded_->parse_answered = true;
  if (frame.type != 'Z') return true;
  guarded_->ended = true;
  if (!guarded_->cancelling) make_next_attempt(out);
  return true;
}

// Whether the error is the hint's or the arm's, and the default may do better.
bool Conversation::abandon_failed(const Frame& frame, bool injected) {
  if (!guarded_->attempts.now().hinted()) return false;
  const auto body = frame.kind == Frame::Kind::kWhole ? frame.body() : std::string_view();
  if (error_field(body, 'V') != "ERROR") return false;
  const auto sqlstate = error_field(body, 'C');
  const bool hint_refused = injected && !sqlstate.starts_with("57");
  if (!hint_refused && !default_may_succeed(sqlstate)) return false;
  const auto* what = hint_refused ? "hint_refused" : "arm_failed";
  log_warning(what, {{"sqlstate", sqlstate}, {"message", error_field(body, 'M')}});
  stop_guarded(what);
  if (!hint_refused) return true;
  // 42P05: it is prepared already, and only this was not known.
  if (sqlstate != "42P05") prepared_arms_.clear();
  if (++refused_hints_ >= kMaxRefusedHints) bypassed_ = true;
  worker_.counters.injection_failures.add();
  return true;
}

void Conversation::make_next_attempt(Outbox& out) {
  in_flight_.clear();
  executed_since_sync_ = false;
  // The unnamed statement may be parsed again, and has to where it keeps a plan.
  const auto batch = guarded_->batch ? read_batch(guarded_->bytes, kMaxWhole) : Batch{};
  if (guarded_->parse_answered && batch.parse && !batch.parse->name.empty()) {
    out.to_client.copy(message_header('1', 0));
    guarded_->bytes = without_parse(guarded_->bytes);
  }
  guarded_->parse_answered = guarded_->stopping = guarded_->ended = false;
  guarded_->held.clear();
  guarded_->attempts.advance();
  // Nothing may refer to what the guard holds: it can be gone before this is written.
  Outbox again;
  make_attempt(guarded_->bytes, again);
  out.to_server.copy(again.to_server.text());
  batch_choice_.reset();
  if (guarded_->attempts.last()) guarded_.reset();
}

}  // namespace hintd::proxy
