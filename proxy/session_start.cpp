#include "proxy/session.h"

namespace hintd::proxy {
namespace {

// The first byte of a TLS handshake; no packet of PostgreSQL's begins so.
constexpr char kTlsHandshake = 0x16;

std::string ssl_request() {
  MessageWriter writer;
  writer.u32(8);
  writer.u32(kSslRequest);
  return writer.take();
}

}  // namespace

void Session::greet() {
  while (stage_ == Stage::kGreeting) {
    char first = 0;
    const bool fresh = client_carry_.empty() && !client_->is_tls();
    if (fresh && client_->peek({&first, 1}).kind == ReadResult::Kind::kBytes &&
        first == kTlsHandshake && parts_.client_tls != nullptr)
      return offer_tls(true);
    // No more than a packet: what comes behind it may be the client's TLS handshake.
    const auto room = parts_.scratch.first(kMaxStartupBytes);
    const auto [kind, bytes] = client_->read(room);
    if (kind == ReadResult::Kind::kClosed) return close();
    if (kind == ReadResult::Kind::kNothingYet) break;
    client_carry_.append(room.data(), bytes);
    const auto greeting = read_greeting(client_carry_);
    if (greeting.kind != Greeting::Kind::kMore && !on_greeting(greeting)) return;
  }
  if (stage_ == Stage::kGreeting) client_->when_readable([this] { greet(); });
}

// Whether the client's next packet is to be read here.
bool Session::on_greeting(const Greeting& greeting) {
  const bool asks_for_tls = greeting.kind == Greeting::Kind::kSsl;
  if (asks_for_tls || greeting.kind == Greeting::Kind::kGss) {
    const bool alone = greeting.packet.size() == client_carry_.size();
    client_carry_.clear();
    // What came in the clear before the encryption that was asked for could be anybody's.
    if (!alone) {
      refuse("08P01", "unencrypted data after a request for encryption");
    } else if (asks_for_tls && parts_.client_tls != nullptr && !client_->is_tls()) {
      offer_tls(false);
    } else {
      return client_->write(std::string_view("N"));
    }
    return false;
  }
  if (greeting.kind == Greeting::Kind::kCancel)
    pass_cancel(greeting.packet);
  else if (greeting.kind == Greeting::Kind::kStartup)
    begin(greeting);
  else
    refuse("08P01", "invalid startup packet");
  return false;
}

void Session::offer_tls(bool direct) {
  if (!direct) client_->write(std::string_view("S"));
  client_->start_tls(*parts_.client_tls, "", [this](const Status& done) {
    if (!done) return close();
    client_->when_readable([this] { greet(); });
  });
}

void Session::begin(const Greeting& greeting) {
  if (parts_.tls_required && !client_->is_tls())
    return refuse("28000", "hintd takes connections from beyond this machine only under TLS",
                  "connect with sslmode=require");
  if (greeting.facts.mode == HintMode::kUnknown)
    return refuse("22023", "invalid value for parameter \"hintd.mode\"", kHintModes);
  admitted_ = !draining_ && parts_.admit();
  if (!admitted_) {
    parts_.worker.counters.refused.add();
    return refuse("53300", "sorry, too many clients already", "raise proxy.max_connections");
  }
  facts_ = greeting.facts;
  startup_ = greeting.packet;
  client_carry_.erase(0, greeting.packet.size());
  stage_ = Stage::kConnecting;
  connecting_ = Socket::connect(parts_.loop, parts_.server.address,
                                [this](auto connected) { on_connected(std::move(connected)); });
}

void Session::on_connected(Result<std::unique_ptr<Socket>> connected) {
  if (!connected) return refuse("08001", connected.error().message, connected.error().remedy);
  server_ = std::move(*connected);
  server_->keep_alive(parts_.keepalive);
  if (parts_.server.tls == ServerTls::kOff || parts_.server.address.is_unix())
    begin_relay();
  else
    ask_server_for_tls();
}

void Session::ask_server_for_tls() {
  server_->write(ssl_request());
  server_->when_readable([this] { on_server_tls_answer(); });
}

void Session::on_server_tls_answer() {
  char answer = 0;
  const auto read = server_->read({&answer, 1});
  if (read.kind == ReadResult::Kind::kNothingYet)
    return server_->when_readable([this] { on_server_tls_answer(); });
  if (answer == 'S') return shake_hands_with_server();
  if (answer == 'N' && parts_.server.tls == ServerTls::kPrefer) return begin_relay();
  refuse("08001", "the server offers no TLS, which sslmode of hintd's DSN requires",
         "turn ssl on in the server, or change sslmode");
}

void Session::shake_hands_with_server() {
  server_->start_tls(
      *parts_.server.tls_context, parts_.server.address.host, [this](const Status& done) {
        if (done) return begin_relay();
        refuse("08001", "no TLS with the server: " + done.error().message, done.error().remedy);
      });
}

void Session::begin_relay() {
  stage_ = Stage::kRelay;
  conversation_.emplace(parts_.worker, parts_.console, facts_);
  server_->write(startup_);
  startup_ = {};
  pump_server();
  if (stage_ == Stage::kRelay) pump_client(true);
}

// The client's connection is closed after the server closed its own, that is, after the signal was
// sent: what the client sends next cannot be hit.
void Session::pass_cancel(std::string_view packet) {
  parts_.worker.counters.cancels.add();
  startup_ = packet;
  stage_ = Stage::kConnecting;
  connecting_ = Socket::connect(parts_.loop, parts_.server.address, [this](auto connected) {
    if (!connected) return close();
    server_ = std::move(*connected);
    server_->write(startup_);
    await_cancelled();
  });
}

void Session::await_cancelled() {
  server_->when_readable([this] {
    char ignored = 0;
    if (server_->read({&ignored, 1}).kind == ReadResult::Kind::kNothingYet)
      return await_cancelled();
    close();
  });
}

}  // namespace hintd::proxy
