#include "proxy/session.h"

#include <algorithm>

namespace hintd::proxy {
namespace {

// Readings in a row before others have their turn.
constexpr int kTurns = 4;
// Answers of our own that may wait for a client that does not read.
constexpr std::size_t kMaxUnread = 64 << 10;

std::size_t put_carry(const std::string& carry, std::span<char> scratch) {
  std::copy(carry.begin(), carry.end(), scratch.begin());
  return carry.size();
}

}  // namespace

Session::Session(SessionParts parts, int client_descriptor, Closed closed)
    : parts_(std::move(parts)),
      closed_(std::move(closed)),
      client_(std::make_unique<Socket>(parts_.loop, client_descriptor)),
      timer_(parts_.loop) {
  client_->keep_alive(parts_.keepalive);
  parts_.worker.counters.connections.add();
  parts_.worker.counters.open.add();
}

Session::~Session() {
  parts_.worker.counters.open.add(-1);
  if (admitted_) parts_.leave();
}

void Session::start() {
  timer_.after(parts_.login_timeout, [this] { close(); });
  greet();
}

void Session::drain() {
  draining_ = true;
  if (stage_ == Stage::kClosed) return;
  if (!conversation_) return close();
  // One that is no longer relayed only waits for its client to have read.
  if (stage_ == Stage::kRelay && conversation_->idle()) end();
}

void Session::end() {
  if (stage_ == Stage::kRelay && conversation_->may_speak())
    refuse("57P01", "terminating connection due to administrator command");
  else
    close();
}

bool Session::client_may_be_read() const {
  return server_->unwritten() == 0 && client_->unwritten() < kMaxUnread &&
         conversation_->wants_client();
}

template <class Work>
void Session::contain(const Work& work) {
  if (parts_.worker.failsafe().run(work)) return;
  parts_.outbox.clear();  // it is the thread's
  close();
}

void Session::pump_client(bool carried) {
  contain([&] { relay_client(carried); });
}

void Session::relay_client(bool carried) {
  if (stage_ != Stage::kRelay) return;  // the session ended while this was waited for
  if (carried && !client_carry_.empty()) {
    take_from_client(put_carry(client_carry_, parts_.scratch));
    if (stage_ != Stage::kRelay) return;
  }
  for (int turn = 0; turn < kTurns; ++turn) {
    client_paused_ = !client_may_be_read();
    if (client_paused_) return;
    const auto begin = put_carry(client_carry_, parts_.scratch);
    const auto room = parts_.scratch.subspan(begin);
    const auto [kind, bytes] = client_->read(room);
    if (kind == ReadResult::Kind::kClosed) return close();
    if (kind == ReadResult::Kind::kNothingYet) break;
    take_from_client(begin + bytes);
    if (stage_ != Stage::kRelay) return;
    if (bytes < room.size()) break;
  }
  client_paused_ = !client_may_be_read();
  if (!client_paused_) client_->when_readable([this] { pump_client(false); });
}

void Session::take_from_client(std::size_t bytes) {
  const std::string_view read(parts_.scratch.data(), bytes);
  const auto taken = conversation_->from_client(read, parts_.outbox);
  flush();
  client_carry_ = read.substr(taken);
  watch_limit();
  if (conversation_->refused() && stage_ == Stage::kRelay) close_after_writing();
}

void Session::pump_server() {
  contain([&] { relay_server(); });
}

void Session::relay_server() {
  if (stage_ != Stage::kRelay) return;
  for (int turn = 0; turn < kTurns; ++turn) {
    server_paused_ = client_->unwritten() > 0;
    if (server_paused_) return client_->when_written([this] { resume(); });
    const auto begin = put_carry(server_carry_, parts_.scratch);
    const auto room = parts_.scratch.subspan(begin);
    const auto [kind, bytes] = server_->read(room);
    if (kind == ReadResult::Kind::kClosed) return close_after_writing();
    if (kind == ReadResult::Kind::kNothingYet) break;
    take_from_server(begin + bytes);
    if (stage_ != Stage::kRelay) return;
    if (bytes < room.size()) break;
  }
  server_->when_readable([this] { pump_server(); });
}

void Session::take_from_server(std::size_t bytes) {
  const std::string_view read(parts_.scratch.data(), bytes);
  const bool waited = conversation_->wants_client();
  const auto taken = conversation_->from_server(read, parts_.outbox);
  flush();
  server_carry_ = read.substr(taken);
  if (stage_ != Stage::kRelay) return;
  if (conversation_->refused()) return close_after_writing();
  if (!logged_in_ && (logged_in_ = conversation_->logged_in())) timer_.cancel();
  if (draining_) return drain();
  watch_limit();
  if (!waited && conversation_->wants_client()) resume();
}

void Session::flush() {
  // A server that is gone may have said why: that is still to be read.
  server_->write(parts_.outbox.to_server);
  const bool client_there = client_->write(parts_.outbox.to_client);
  parts_.outbox.clear();
  if (!client_there) return close();
  if (server_->unwritten() > 0) server_->when_written([this] { resume(); });
  if (client_->unwritten() > 0) client_->when_written([this] { resume(); });
}

void Session::resume() {
  if (stage_ != Stage::kRelay) return;
  if (server_paused_ && client_->unwritten() == 0) pump_server();
  if (stage_ != Stage::kRelay || !client_paused_ || !client_may_be_read()) return;
  if (!client_carry_.empty()) return pump_client(true);
  client_paused_ = false;
  client_->when_readable([this] { pump_client(false); });
}

void Session::refuse(std::string_view sqlstate, const std::string& message,
                     const std::string& hint) {
  client_->write(error_response({"FATAL", sqlstate, message, hint}));
  close_after_writing();
}

void Session::close_after_writing() {
  if (stage_ == Stage::kClosed) return;
  server_.reset();
  stage_ = Stage::kConnecting;  // nothing is relayed any more
  // A client that does not read is not waited for without end.
  timer_.after(parts_.login_timeout, [this] { close(); });
  client_->when_written([this] { close(); });
}

void Session::close() {
  if (stage_ == Stage::kClosed) return;
  stage_ = Stage::kClosed;
  timer_.cancel();
  connecting_.reset();
  closed_(this);
}

}  // namespace hintd::proxy
