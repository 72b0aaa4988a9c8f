// The protocol between one client and its server, from the server's first message on: what is sent
// on as it is, where a hint goes, what is swallowed, and what each statement took. Knows no
// sockets: bytes come in, pieces to write come out.
//
// Everything that is not hinted goes through byte for byte. A hint is put only before one SELECT
// that governance lets through, alone in its simple Query or alone between the last Sync and the
// next one, with nothing in flight and no transaction open. Where the server refuses the hint, the
// statement is sent again as it came. Whatever is in doubt ends hints for the session.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "proxy/batch.h"
#include "proxy/console.h"
#include "proxy/frame_scanner.h"
#include "proxy/guarded_statement.h"
#include "proxy/in_flight.h"
#include "proxy/pieces.h"
#include "proxy/session_state.h"

namespace hintd::proxy {

// Not thread-safe. The worker and the console must outlive it.
class Conversation {
 public:
  Conversation(Worker& worker, const Console& console, ClientFacts facts);

  // The longest message that is waited for and looked at whole; longer ones go through unhinted.
  static constexpr std::size_t kMaxWhole = 60'000;

  // Both deal with the front of the bytes and answer how many that were; what is left comes again,
  // with more behind it. The pieces refer to the bytes.
  std::size_t from_client(std::string_view bytes, Outbox& out);
  std::size_t from_server(std::string_view bytes, Outbox& out);

  // False while a statement may yet be sent again: what the client says next must come after it.
  bool wants_client() const { return !guarded_; }

  // When the statement under way is to be stopped, if it is still without a row then.
  std::optional<std::chrono::steady_clock::time_point> limit() const;
  // The limit has passed: whether the server is to be sent cancel_packet(), on a connection of its
  // own that must be open already, for then there is no way back. cancel_closed() must follow when
  // the server has closed that: only then is the statement sent again, so that the cancel cannot
  // hit it.
  bool stop_at_limit();
  std::string cancel_packet() const;
  void cancel_closed(Outbox& out);
  // Logged in, nothing in flight and no transaction open: may be closed without harm.
  bool idle() const { return stage_ == Stage::kReady && in_flight_.empty() && status_ == 'I'; }
  // Whether the client would take a message of ours for one: it is not in the middle of another.
  bool may_speak() const { return stage_ == Stage::kReady && server_frames_.between_messages(); }
  bool logged_in() const { return stage_ != Stage::kLogin; }
  // Why the session has to end now; the client has been told.
  bool refused() const { return refused_; }

 private:
  enum class Stage : std::uint8_t { kLogin, kReady, kRaw };
  using Time = std::chrono::steady_clock::time_point;

  // Client's side: conversation_client.cpp.
  void on_client_frame(const Frame& frame, Outbox& out);
  void on_login_answer(const Frame& frame, Outbox& out);
  void on_query(const Frame& frame, Outbox& out);
  void on_parse(const Frame& frame, Outbox& out);
  void on_bind(const Frame& frame, Outbox& out);
  void on_execute(const Frame& frame, Outbox& out);
  void on_close(const Frame& frame);
  void on_sync();
  void send_unnamed_anew(Outbox& out);
  bool answer_console(std::string_view text, Outbox& out);
  // Whether the text sets the mode to what it cannot be, and the client was told so.
  bool set_mode(std::string_view text, Outbox& out);
  // kUnknown changes nothing.
  void take_mode(HintMode mode);
  // What to do with a statement here and now.
  Choice choose(const KnownStatement* statement, BoundLiterals bound = nullptr) const;
  Choice choose_among_others(const KnownStatement* statement, std::string_view bind) const;
  bool may_hint_here() const;
  InFlight& push(InFlight::Kind kind);
  // Ends hints for the session, and following it as soon as nothing is to be swallowed.
  void doubt(std::string_view why);
  void give_up_if_lost();

  // The extended protocol's hints: conversation_batch.cpp. Answers how many bytes were sent hinted,
  // 0 where they go as they are, kWait where more bytes will tell.
  static constexpr std::size_t kWait = static_cast<std::size_t>(-1);
  std::size_t hint_batch(std::string_view bytes, Outbox& out);
  void note_batch(std::string_view bytes, Outbox& out);

  // Statements that may need another attempt: conversation_guarded.cpp.
  void run_by_attempts(std::string_view bytes, bool batch,
                       std::shared_ptr<const KnownStatement> statement, const Choice& choice,
                       Outbox& out);
  void make_attempt(std::string_view bytes, Outbox& out);
  Choice choice_of_attempt() const;
  void send_query(std::string_view bytes, const Attempt& attempt, Outbox& out);
  void send_batch(std::string_view bytes, const Attempt& attempt, Outbox& out);
  bool guard_frame(const Frame& frame, Outbox& out);
  bool injected_answer() const;
  bool swallow_stopped(const Frame& frame, Outbox& out);
  bool abandon_failed(const Frame& frame, bool injected);
  void let_go(Outbox& out);
  void stop_guarded(std::string_view why);
  void make_next_attempt(Outbox& out);

  // Server's side: conversation_server.cpp.
  void on_server_frame(const Frame& frame, Outbox& out);
  void on_authentication(const Frame& frame, Outbox& out);
  void on_data(const Frame& frame, Outbox& out);
  void on_complete(const Frame& frame, Outbox& out);
  void on_parsed(const Frame& frame, Outbox& out);
  void on_error(const Frame& frame, Outbox& out);
  void on_ready(const Frame& frame, Outbox& out);
  void on_notice(const Frame& frame, Outbox& out);
  void on_copy_in();
  void skip_to_sync();
  void note_session_command(std::string_view tag);
  void tell(const InFlight& entry);
  void refuse(std::string_view sqlstate, std::string message, std::string hint, Outbox& out);
  Time now();
  InFlight* front();
  const InFlight* front() const { return in_flight_.empty() ? nullptr : &in_flight_.front(); }

  Worker& worker_;
  const Console& console_;
  const ClientFacts facts_;

  Stage stage_ = Stage::kLogin;
  FrameScanner client_frames_;
  FrameScanner server_frames_;
  char status_ = 'I';  // of the last ReadyForQuery
  bool refused_ = false;
  bool challenged_ = false;      // the server asked for a password of some kind
  bool binding_hidden_ = false;  // SCRAM-SHA-256-PLUS was offered, and the client not told
  bool off_ = false;             // by hintd.mode
  bool bypassed_ = false;        // no more hints
  bool lost_ = false;            // what is in flight is no longer known: nothing is followed
  int refused_hints_ = 0;
  bool copying_in_ = false;
  bool executed_since_sync_ = false;
  bool batch_refused_ = false;    // until the next Sync
  bool dropping_rest_ = false;    // the message of which more comes is swallowed
  bool unnamed_planned_ = false;  // the unnamed statement holds a plan made under a hint
  std::string unnamed_parse_;     // the client's Parse of it
  std::optional<GuardedStatement> guarded_;
  std::string key_;  // process and secret, for cancels
  Time now_{};
  ReportedSettings reported_;
  ByName<std::shared_ptr<const KnownStatement>> statements_;
  ByName<Portal> portals_;
  std::unordered_set<ArmId> prepared_arms_;
  std::optional<Choice> batch_choice_;  // of the statement of this batch, up to its Sync
  InFlightQueue in_flight_;
};

}  // namespace hintd::proxy
