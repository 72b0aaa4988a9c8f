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

void Conversation::guard(std::string_view bytes, bool batch, Millis limit) {
  guarded_.emplace();
  guarded_->bytes = bytes;
  guarded_->batch = batch;
  guarded_->first_sent = now();
  if (limit > Millis(0))
    guarded_->limit = now() + std::chrono::duration_cast<Time::duration>(limit);
}

std::optional<std::chrono::steady_clock::time_point> Conversation::limit() const {
  if (!guarded_ || guarded_->stopping || guarded_->limit == Time{}) return std::nullopt;
  return guarded_->limit;
}

bool Conversation::stop_at_limit() {
  if (!limit() || key_.empty()) return false;
  stop_guarded("deadline_passed");
  guarded_->cancelling = true;
  guarded_->timed_out = true;
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
  guarded_->cancelling = false;
  if (guarded_->ended) send_again(out);
}

void Conversation::stop_guarded(std::string_view why) {
  guarded_->stopping = true;
  for (std::size_t i = 0; i < in_flight_.size(); ++i)
    if (in_flight_[i].choice.hint() && in_flight_[i].statement != nullptr)
      worker_.arm_failed(*in_flight_[i].statement, in_flight_[i].choice, why);
}

// What the client has not heard of the statement yet, it hears now.
void Conversation::let_go(Outbox& out) {
  if (!guarded_) return;
  out.to_client.copy(guarded_->held);
  guarded_.reset();
}

// Whether the frame has been dealt with.
bool Conversation::guard_frame(const Frame& frame, Outbox& out) {
  if (frame.type == 'S' || frame.type == 'A') return false;
  if (guarded_->stopping) {
    dropping_rest_ = frame.kind == Frame::Kind::kHead;
    if (frame.type != 'Z') return true;
    guarded_->ended = true;
    if (!guarded_->cancelling) send_again(out);
    return true;
  }
  const auto* entry = front();
  const bool injected =
      entry != nullptr && (entry->kind == InFlight::Kind::kInjected || entry->swallow > 0);
  if (frame.type == 'E') {
    const auto body = frame.kind == Frame::Kind::kWhole ? frame.body() : std::string_view();
    const auto sqlstate = error_field(body, 'C');
    const bool hinted = error_field(body, 'V') == "ERROR";
    const bool hint_refused = hinted && injected && !sqlstate.starts_with("57");
    if (hint_refused || (hinted && default_may_succeed(sqlstate))) {
      log_warning(hint_refused ? "hint_refused" : "arm_failed",
                  {{"sqlstate", sqlstate}, {"message", error_field(body, 'M')}});
      stop_guarded(hint_refused ? "hint_refused" : "arm_failed");
      if (!hint_refused) return true;
      // 42P05: it is prepared already, and only this was not known.
      if (sqlstate != "42P05") prepared_arms_.clear();
      if (++refused_hints_ >= kMaxRefusedHints) bypassed_ = true;
      worker_.counters.injection_failures.add();
      return true;
    }
  }
  if (injected && frame.type != 'E') return false;
  if (frame.type == '1') guarded_->parse_answered = true;
  const bool before_rows = frame.kind == Frame::Kind::kWhole &&
                           std::string_view("12nt3TN").find(frame.type) != std::string_view::npos;
  if (!before_rows) {
    let_go(out);
    return false;
  }
  if (frame.type == '1' && entry != nullptr && entry->kind == InFlight::Kind::kParse)
    in_flight_.pop();
  guarded_->held += frame.bytes;
  return true;
}

void Conversation::send_query(std::string_view bytes,
                              std::shared_ptr<const KnownStatement> statement, const Choice& choice,
                              Outbox& out) {
  guard(bytes, false, choice.decision.deadline);
  auto& entry = push(InFlight::Kind::kQuery);
  entry.statement = std::move(statement);
  entry.choice = choice;
  const auto& arm = worker_.parts().injections[choice.decision.arm];
  entry.swallow = arm.settings;
  entry.prefix = static_cast<std::uint32_t>(arm.prefix.size());
  const auto text = bytes.substr(kHeaderBytes);
  out.to_server.copy(message_header('Q', arm.prefix.size() + text.size()));
  out.to_server.refer(arm.prefix);
  out.to_server.refer(text);
}

void Conversation::send_again(Outbox& out) {
  const auto was = std::move(*guarded_);
  guarded_.reset();
  sent_again_ = was.batch && was.parse_answered ? without_parse(was.bytes) : was.bytes;
  if (was.parse_answered) out.to_client.copy(message_header('1', 0));
  std::shared_ptr<const KnownStatement> statement;
  Choice choice;
  for (std::size_t i = 0; i < in_flight_.size(); ++i)
    if (in_flight_[i].statement != nullptr) {
      statement = in_flight_[i].statement;
      choice = in_flight_[i].choice;
    }
  in_flight_.clear();
  executed_since_sync_ = false;
  not_applied(choice, PassReason::kSentAgain);
  if (!was.batch) {
    auto& entry = push(InFlight::Kind::kQuery);
    entry.statement = std::move(statement);
    entry.choice = choice;
    out.to_server.refer(sent_again_);
  } else {
    batch_choice_ = choice;
    note_batch(sent_again_, out);
  }
  batch_choice_.reset();
  if (guarded_) guarded_->first_sent = was.first_sent;
  for (std::size_t i = 0; i < in_flight_.size(); ++i) {
    in_flight_[i].sent = was.first_sent;
    in_flight_[i].timed_out = was.timed_out;
  }
}

}  // namespace hintd::proxy
