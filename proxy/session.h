// One client and its server: sockets, buffers and back-pressure, and what happens before the
// server's first message. The protocol after that is Conversation's.
//
// A session holds no buffer while it waits: bytes are read into its thread's scratch buffer and
// written from there. What the other side does not take is kept, and until it is gone nothing more
// is read: so no more than one reading waits in each direction.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "proxy/conversation.h"
#include "proxy/greeting.h"
#include "proxy/socket.h"
#include "proxy/tls_context.h"

namespace hintd::proxy {

// The server behind the proxy.
struct ServerSide {
  Address address;
  ServerTls tls = ServerTls::kOff;
  const TlsContext* tls_context = nullptr;  // null: kOff
};

// What a session works with; all must outlive it.
struct SessionParts {
  EventLoop& loop;
  Worker& worker;
  const Console& console;
  const ServerSide& server;
  const TlsContext* client_tls;  // null: clients are offered none
  bool tls_required;             // of clients
  std::chrono::milliseconds login_timeout;
  std::chrono::seconds keepalive;
  std::span<char> scratch;      // the thread's, 64 KiB
  Outbox& outbox;               // the thread's
  std::function<bool()> admit;  // takes one of the places for clients; false when none is left
  std::function<void()> leave;  // gives it back
};

// One thread's, like its loop.
class Session {
 public:
  using Closed = std::function<void(Session*)>;

  // `closed` is called once, when the session may be destroyed (not from within its own call).
  Session(SessionParts parts, int client_descriptor, Closed closed);
  ~Session();

  void start();
  // Ends the session when it is idle, now or later.
  void drain();
  // Ends the session, whatever it is at; the client is told where it can be.
  void end();

 private:
  enum class Stage { kGreeting, kConnecting, kRelay, kClosed };

  // session_start.cpp
  void greet();
  bool on_greeting(const Greeting& greeting);
  void offer_tls(bool direct);
  void begin(const Greeting& greeting);
  void on_connected(Result<std::unique_ptr<Socket>> connected);
  void ask_server_for_tls();
  void on_server_tls_answer();
  void shake_hands_with_server();
  void begin_relay();
  void pass_cancel(std::string_view packet);
  void await_cancelled();

  // session.cpp
  void pump_client(bool carried);
  void pump_server();
  void relay_client(bool carried);
  void relay_server();
  // Does the work; ends the session, and nothing else, where it throws.
  template <class Work>
  void contain(const Work& work);
  // Lets the conversation deal with what stands in the scratch buffer.
  void take_from_client(std::size_t bytes);
  void take_from_server(std::size_t bytes);
  void flush();
  void resume();
  // Deadlines of statements: session_limit.cpp.
  void watch_limit();
  void on_limit();
  bool limit_passed() const;
  void cancel_statement();
  void await_cancel();
  bool client_may_be_read() const;
  void refuse(std::string_view sqlstate, const std::string& message, const std::string& hint = "");
  void close_after_writing();
  void close();

  SessionParts parts_;
  Closed closed_;
  Stage stage_ = Stage::kGreeting;
  std::unique_ptr<Socket> client_;
  std::unique_ptr<Socket> server_;
  std::shared_ptr<void> connecting_;
  std::unique_ptr<Socket> cancel_;                                // carries our own cancel request
  Timer timer_;                                                   // of the login, and of the end
  std::optional<Timer> limit_;                                    // of the statement under way
  std::optional<std::chrono::steady_clock::time_point> watched_;  // when limit_ goes off
  std::optional<std::chrono::steady_clock::time_point> stopped_at_;  // the last limit that passed
  std::optional<Conversation> conversation_;
  std::string client_carry_;  // read, and not dealt with yet
  std::string server_carry_;
  std::string startup_;  // the client's packet, until the server has it
  ClientFacts facts_;
  bool admitted_ = false;
  bool draining_ = false;
  bool logged_in_ = false;
  bool client_paused_ = false;  // not read, for the other side's sake
  bool server_paused_ = false;
};

}  // namespace hintd::proxy
