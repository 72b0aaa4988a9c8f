// PlanExecutor on one read-only PostgreSQL session.
//
// A hint set rides in the same message as its statement: "SET LOCAL ..; SET LOCAL ..; SELECT ..".
// The server makes that message one transaction, so the settings cost no round trip and are gone
// after it, whether it succeeded, failed or was stopped. A run of the default is sent as it is.
//
// Timeouts are the server's statement_timeout: whole milliseconds, rounded up. Under a hint set it
// rides along; for the default the session's own is changed before the clock starts, and only when
// it differs from that of the last default run.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "core/plan_executor.h"
#include "database/postgres/connection.h"

namespace hintd::database {

class PgExecutor final : public PlanExecutor {
 public:
  // Connects. config.read_only is taken as true whatever it says.
  static Result<std::unique_ptr<PgExecutor>> connect(ConnectionConfig config);

  // After kUnavailable the next call of any of these makes one attempt to connect again
  // (retry_until_available in retry.h goes on trying).
  Result<Execution> run(std::string_view sql, const HintSet& hint_set, Millis timeout) override;
  Result<Analysis> analyze(std::string_view sql, const HintSet& hint_set, Millis timeout) override;
  Result<PlanTree> explain(std::string_view sql, const HintSet& hint_set) override;
  // The cache hit ratio is that of the current database since the last call (the first: since the
  // connection was made); PostgreSQL publishes its counters about once a second.
  Result<DatabaseState> database_state() override;
  void cancel() noexcept override;
  void cancel_through(PlanExecutor& messenger) noexcept override;
  bool cancel_backend(int backend) noexcept override;

 private:
  struct BlockCounts {
    double hit = 0;
    double read = 0;
  };

  explicit PgExecutor(ConnectionConfig config) : config_(std::move(config)) {}
  Status ensure_connected();
  // What goes before a statement; a long timeout without hints is the session's instead.
  Result<std::string> prefix(const HintSet& hint_set, Millis timeout);
  Status set_session_timeout(std::int64_t timeout_ms);
  // After a statement that ended in time, but only just.
  void settle();
  // fetch() that cancel() may end; the flag says whether it was asked to.
  Result<Fetched> fetch(const std::string& message, bool& cancelled);
  Result<std::string> explain_text(const std::string& message);

  ConnectionConfig config_;
  std::optional<Connection> connection_;
  std::int64_t session_timeout_ms_ = 0;
  std::mutex cancelling_;  // of the two below, and of the connection while it is told to cancel
  bool running_ = false;
  bool cancelled_ = false;
  BlockCounts last_blocks_;
  double last_hit_ratio_ = 1.0;
};

}  // namespace hintd::database
