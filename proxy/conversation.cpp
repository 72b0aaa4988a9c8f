#include "proxy/conversation.h"

#include "core/log.h"

namespace hintd::proxy {
namespace {

bool server_wanted_whole(char type) {
  return type != 'D' && type != 'd' && type != 'A' && type != 'V';
}

// A row, or a line of a COPY.
bool is_data(char type) {
  return type == 'D' || type == 'd';
}

bool is_our_business(const Frame& frame) {
  return frame.kind == Frame::Kind::kWhole || is_data(frame.type) || frame.type == 'E';
}

}  // namespace

Conversation::Conversation(Worker& worker, const Console& console, ClientFacts facts)
    : worker_(worker), console_(console), facts_(std::move(facts)) {
  reported_.application = facts_.application;
  off_ = facts_.mode == HintMode::kOff;
}

Conversation::Time Conversation::now() {
  if (now_ == Time{}) now_ = std::chrono::steady_clock::now();
  return now_;
}

InFlight* Conversation::front() {
  return in_flight_.empty() ? nullptr : &in_flight_.front();
}

void Conversation::refuse(std::string_view sqlstate, std::string message, std::string hint,
                          Outbox& out) {
  refused_ = true;
  out.to_client.copy(error_response({"FATAL", sqlstate, std::move(message), std::move(hint)}));
}

std::size_t Conversation::from_server(std::string_view bytes, Outbox& out) {
  now_ = {};
  give_up_if_lost();
  std::size_t at = 0;
  while (at < bytes.size() && !refused_) {
    const auto rest = bytes.substr(at);
    if (stage_ == Stage::kRaw) {
      out.to_client.refer(rest);
      return bytes.size();
    }
    const auto frame = server_frames_.next(
        rest,
        [&](char type) { return type == 'T' ? guarded_.has_value() : server_wanted_whole(type); },
        kMaxWhole);
    if (frame.kind == Frame::Kind::kMore) return at;
    at += frame.bytes.size();
    if (frame.kind == Frame::Kind::kRest) {
      if (dropping_rest_) continue;
      out.to_client.refer(frame.bytes);
      if (is_data(frame.type) && front() != nullptr) front()->bytes += frame.bytes.size();
      continue;
    }
    dropping_rest_ = false;
    if (frame.kind == Frame::Kind::kMalformed) stage_ = Stage::kRaw;
    if (guarded_ && guard_frame(frame, out)) continue;
    if (is_our_business(frame))
      on_server_frame(frame, out);
    else
      out.to_client.refer(frame.bytes);
  }
  return at;
}

void Conversation::on_server_frame(const Frame& frame, Outbox& out) {
  switch (frame.type) {
    case 'D':
    case 'd':
      return on_data(frame, out);
    case 'C':
    case 'I':
    case 's':
      return on_complete(frame, out);
    case 'Z':
      return on_ready(frame, out);
    case 'E':
      return on_error(frame, out);
    case '1':
      return on_parsed(frame, out);
    case '2':
      if (front() != nullptr && front()->kind == InFlight::Kind::kInjected) return;
      break;
    case 'K':
      key_ = frame.body();
      break;
    case 'R':
      return on_authentication(frame, out);
    case 'S': {
      std::size_t at = 0;
      const auto name = read_text(frame.body(), at);
      reported_.note(name, read_text(frame.body(), at));
      break;
    }
    case 'N':
      return on_notice(frame, out);
    case 'G':
      on_copy_in();
      break;
    case 'W':
      stage_ = Stage::kRaw;  // replication
      break;
    default:
      break;
  }
  out.to_client.refer(frame.bytes);
}

void Conversation::on_authentication(const Frame& frame, Outbox& out) {
  constexpr std::uint32_t kOk = 0;
  constexpr std::uint32_t kSasl = 10;
  constexpr std::string_view kPlus("SCRAM-SHA-256-PLUS\0", 19);
  const auto code = frame.body().size() >= 4 ? read_u32(frame.body().data()) : kOk;
  if (code == kOk && !challenged_ && worker_.parts().password_required)
    return refuse("28000", "the server asks for no password, and hintd listens beyond this machine",
                  "let pg_hba.conf of the server demand scram-sha-256 for hintd's address", out);
  if (code != kOk) challenged_ = true;
  const auto plus = code == kSasl ? frame.body().find(kPlus) : frame.body().npos;
  if (plus == frame.body().npos) return out.to_client.refer(frame.bytes);
  // It binds to the TLS of one connection; there are two.
  binding_hidden_ = true;
  auto body = std::string(frame.body());
  body.erase(plus, kPlus.size());
  out.to_client.copy(message_header('R', body.size()) + body);
}

void Conversation::on_notice(const Frame& frame, Outbox& out) {
  const auto* entry = front();
  if (entry != nullptr && entry->prefix > 0)
    out.to_client.copy(with_lower_position(frame.bytes, entry->prefix));
  else
    out.to_client.refer(frame.bytes);
}

void Conversation::on_data(const Frame& frame, Outbox& out) {
  auto* entry = front();
  if (entry != nullptr && entry->kind == InFlight::Kind::kInjected) {
    dropping_rest_ = true;
    return;
  }
  out.to_client.refer(frame.bytes);
  if (entry == nullptr) return;
  if (entry->first_row == Time{}) entry->first_row = now();
  entry->bytes += frame.bytes.size();
}

void Conversation::on_complete(const Frame& frame, Outbox& out) {
  auto* entry = front();
  if (entry != nullptr && entry->kind == InFlight::Kind::kInjected) return in_flight_.pop();
  if (entry != nullptr && entry->swallow > 0) {
    --entry->swallow;
    return;
  }
  out.to_client.refer(frame.bytes);
  if (entry == nullptr) return;
  std::size_t at = 0;
  const auto tag = frame.type == 'C' ? read_text(frame.body(), at) : std::string_view();
  note_session_command(tag);
  entry->rows += rows_of_tag(tag);
  entry->ended = now();
  if (entry->kind != InFlight::Kind::kExecute) return;
  tell(*entry);
  in_flight_.pop();
}

void Conversation::give_up_if_lost() {
  if (!lost_ || stage_ != Stage::kReady || guarded_ || dropping_rest_) return;
  for (std::size_t i = 0; i < in_flight_.size(); ++i) {
    const auto kind = in_flight_[i].kind;
    const bool ours = kind == InFlight::Kind::kInjected || kind == InFlight::Kind::kOurParse;
    if (ours || in_flight_[i].swallow > 0) return;
  }
  stage_ = Stage::kRaw;
  in_flight_.clear();
}

// What takes prepared statements away, ours among them.
void Conversation::note_session_command(std::string_view tag) {
  if (tag == "DISCARD ALL") take_mode(HintMode::kDefault);
  if (tag != "DISCARD ALL" && tag != "DEALLOCATE ALL" && tag != "DEALLOCATE") return;
  statements_.clear();
  unnamed_planned_ = false;
  if (tag != "DEALLOCATE") prepared_arms_.clear();
}

void Conversation::on_parsed(const Frame& frame, Outbox& out) {
  auto* entry = front();
  if (entry != nullptr && entry->kind == InFlight::Kind::kInjected) return;
  const bool ours = entry != nullptr && entry->kind == InFlight::Kind::kOurParse;
  if (!ours) out.to_client.refer(frame.bytes);
  if (ours || (entry != nullptr && entry->kind == InFlight::Kind::kParse))
    in_flight_.pop();
  else
    doubt("a ParseComplete that was not waited for");
}

void Conversation::on_error(const Frame& frame, Outbox& out) {
  auto* entry = front();
  const bool whole = frame.kind == Frame::Kind::kWhole;
  const auto body = whole ? frame.body() : std::string_view();
  const auto sqlstate = error_field(body, 'C');
  if (entry == nullptr || stage_ == Stage::kLogin) return out.to_client.refer(frame.bytes);

  entry->error = std::string(sqlstate) + ": " + std::string(error_field(body, 'M'));
  if (entry->prefix > 0 && whole)
    out.to_client.copy(with_lower_position(frame.bytes, entry->prefix));
  else
    out.to_client.refer(frame.bytes);
  entry->ended = now();
  if (entry->kind != InFlight::Kind::kQuery) skip_to_sync();
}

// After an error the server reads nothing up to the next Sync.
void Conversation::skip_to_sync() {
  const std::string error = in_flight_.front().error;
  bool first = true;
  while (!in_flight_.empty() && in_flight_.front().kind != InFlight::Kind::kSync) {
    auto& entry = in_flight_.front();
    if (entry.kind == InFlight::Kind::kQuery) break;
    if (entry.kind == InFlight::Kind::kParse) statements_.erase(entry.parsed_name);
    if (entry.kind == InFlight::Kind::kInjected) prepared_arms_.clear();
    if (entry.kind == InFlight::Kind::kExecute && (first || !entry.error.empty())) {
      entry.error = error;
      entry.ended = now();
      tell(entry);
      first = false;
    }
    in_flight_.pop();
  }
}

void Conversation::on_ready(const Frame& frame, Outbox& out) {
  status_ = frame.body().empty() ? '?' : frame.body()[0];
  out.to_client.refer(frame.bytes);
  if (stage_ == Stage::kLogin) {
    stage_ = facts_.replication ? Stage::kRaw : Stage::kReady;
    return;
  }
  copying_in_ = false;
  while (!in_flight_.empty()) {
    auto& entry = in_flight_.front();
    const auto kind = entry.kind;
    if (kind == InFlight::Kind::kQuery) tell(entry);
    in_flight_.pop();
    if (kind != InFlight::Kind::kQuery && kind != InFlight::Kind::kSync) continue;
    while (front() != nullptr && front()->kind == InFlight::Kind::kCopyEnd) in_flight_.pop();
    return;
  }
  doubt("a ReadyForQuery that was not waited for");
}

// A COPY reads up to its end; the Syncs sent meanwhile are ignored.
void Conversation::on_copy_in() {
  copying_in_ = true;
  for (std::size_t i = 0; i < in_flight_.size();) {
    if (in_flight_[i].kind == InFlight::Kind::kCopyEnd) {
      copying_in_ = false;
      in_flight_.erase(i);
      return;
    }
    if (in_flight_[i].kind == InFlight::Kind::kSync)
      in_flight_.erase(i);
    else
      ++i;
  }
}

void Conversation::tell(const InFlight& entry) {
  const auto since_sent = [&](Time time) -> Millis {
    return time == Time{} ? Millis(0) : Millis(time - entry.sent);
  };
  Finished finished;
  finished.statement = entry.statement.get();
  finished.choice = entry.choice;
  finished.latency = entry.ended == Time{} ? Millis(now() - entry.sent) : since_sent(entry.ended);
  finished.first_row = since_sent(entry.first_row);
  finished.lost = entry.lost;
  finished.rows = entry.rows;
  finished.bytes = entry.bytes;
  finished.error = entry.error;
  finished.timed_out = entry.timed_out;
  finished.tell_tap = facts_.database == worker_.parts().tap_database;
  worker_.finished(finished);
}

}  // namespace hintd::proxy
