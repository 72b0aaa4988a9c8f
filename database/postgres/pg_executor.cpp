#include "database/postgres/pg_executor.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "database/postgres/explain_parser.h"

namespace hintd::database {
namespace {

constexpr const char* kExplain = "EXPLAIN (FORMAT JSON) ";
constexpr const char* kAnalyze = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY ON, FORMAT JSON) ";
constexpr const char* kCountersAndLoad = R"(
  SELECT d.blks_hit, d.blks_read,
         (SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'active'
            AND backend_type = 'client backend')
  FROM pg_stat_database d WHERE d.datname = current_database())";

std::int64_t whole_ms(Millis timeout) {
  const double most = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int64_t>(std::clamp(std::ceil(timeout.count()), 0.0, most));
}

// The session's timer also runs while the server reads a message's own settings: a shorter one
// would now and then end the next message before its statement began.
constexpr std::int64_t kLeastSessionTimeoutMs = 1000;

bool may_have_fired(Millis elapsed, Millis timeout) {
  return timeout > Millis::zero() && elapsed >= timeout;
}

// A cancel that came before the timeout was somebody else's.
bool hit_timeout(const Error& error, Millis elapsed, Millis timeout) {
  return error.kind == ErrorKind::kCancelled && may_have_fired(elapsed, timeout);
}

Execution stopped_after(Millis elapsed) {
  Execution execution;
  execution.latency = elapsed;
  execution.timed_out = true;
  return execution;
}

}  // namespace

Result<std::unique_ptr<PgExecutor>> PgExecutor::connect(ConnectionConfig config) {
  config.read_only = true;
  std::unique_ptr<PgExecutor> executor(new PgExecutor(std::move(config)));
  HINTD_TRY_STATUS(executor->database_state());
  return executor;
}

Status PgExecutor::ensure_connected() {
  if (connection_ && connection_->is_open()) return {};
  connection_.reset();
  HINTD_TRY(connection_, Connection::open(config_));
  session_timeout_ms_ = -1;
  return set_session_timeout(0);
}

Status PgExecutor::set_session_timeout(std::int64_t timeout_ms) {
  if (timeout_ms == session_timeout_ms_) return {};
  HINTD_TRY_STATUS(connection_->query("SET statement_timeout = " + std::to_string(timeout_ms)));
  session_timeout_ms_ = timeout_ms;
  return {};
}

Result<std::string> PgExecutor::prefix(const HintSet& hint_set, Millis timeout) {
  HINTD_TRY_STATUS(ensure_connected());
  const auto timeout_ms = whole_ms(timeout);
  if (hint_set.settings.empty() && (timeout_ms == 0 || timeout_ms >= kLeastSessionTimeoutMs))
    HINTD_TRY_STATUS(set_session_timeout(timeout_ms));
  if (timeout_ms == session_timeout_ms_) return hint_set.set_local_sql();
  return hint_set.set_local_sql() + "SET LOCAL statement_timeout = " + std::to_string(timeout_ms) +
         "; ";
}

void PgExecutor::settle() {
  // A timer that fires (or a cancel that comes) while the last row is being sent ends nothing any
  // more: the server then reports it on its own account, and libpq would take that for the answer
  // to the next statement, and that statement's answer for the one after it. Ask something harmless
  // first; start anew if it happened.
  if (!connection_->query("SELECT 1")) connection_.reset();
}

Result<Execution> PgExecutor::run(std::string_view sql, const HintSet& hint_set, Millis timeout) {
  HINTD_TRY(auto message, prefix(hint_set, timeout));
  message += sql;
  const Stopwatch stopwatch;
  bool cancelled = false;
  const auto fetched = fetch(message, cancelled);
  const auto elapsed = stopwatch.elapsed();
  if (fetched) {
    if (cancelled || may_have_fired(elapsed, timeout)) settle();
    return Execution{fetched->latency, false, fetched->rows, fetched->hash};
  }
  const auto& error = fetched.error();
  if (hit_timeout(error, elapsed, timeout) || (cancelled && error.kind == ErrorKind::kCancelled))
    return stopped_after(elapsed);
  return tl::unexpected(error);
}

Result<Fetched> PgExecutor::fetch(const std::string& message, bool& cancelled) {
  {
    std::lock_guard lock(cancelling_);
    running_ = true;
    cancelled_ = false;
  }
  auto fetched = connection_->fetch(message);
  std::lock_guard lock(cancelling_);
  running_ = false;
  cancelled = cancelled_;
  return fetched;
}

void PgExecutor::cancel() noexcept {
  std::lock_guard lock(cancelling_);
  if (!running_) return;
  cancelled_ = true;
  connection_->cancel();
}

void PgExecutor::cancel_through(PlanExecutor& messenger) noexcept {
  std::lock_guard lock(cancelling_);
  if (!running_) return;
  cancelled_ = true;
  if (!messenger.cancel_backend(connection_->backend())) connection_->cancel();
}

bool PgExecutor::cancel_backend(int backend) noexcept {
  if (!connection_ || !connection_->is_open()) return false;
  return connection_->query("SELECT pg_cancel_backend(" + std::to_string(backend) + ")")
      .has_value();
}

Result<std::string> PgExecutor::explain_text(const std::string& message) {
  HINTD_TRY(const auto rows, connection_->query(message));
  if (rows.empty() || rows[0].empty() || !rows[0][0])
    return fail(ErrorKind::kCorrupt, "EXPLAIN answered no plan",
                "give one statement that has a plan");
  return *rows[0][0];
}

Result<Analysis> PgExecutor::analyze(std::string_view sql, const HintSet& hint_set,
                                     Millis timeout) {
  HINTD_TRY(auto message, prefix(hint_set, timeout));
  message += kAnalyze;
  message += sql;
  const Stopwatch stopwatch;
  const auto text = explain_text(message);
  const auto elapsed = stopwatch.elapsed();
  if (text && may_have_fired(elapsed, timeout)) settle();
  if (text) return parse_analysis(*text);
  if (!hit_timeout(text.error(), elapsed, timeout)) return tl::unexpected(text.error());
  Analysis analysis;
  analysis.execution = stopped_after(elapsed);
  return analysis;
}

Result<PlanTree> PgExecutor::explain(std::string_view sql, const HintSet& hint_set) {
  HINTD_TRY_STATUS(ensure_connected());
  std::string message = hint_set.set_local_sql();
  // The session's timeout is the last default run's, not this statement's.
  if (session_timeout_ms_ != 0) message += "SET LOCAL statement_timeout = 0; ";
  message += kExplain;
  message += sql;
  HINTD_TRY(const auto text, explain_text(message));
  return parse_explain(text);
}

Result<DatabaseState> PgExecutor::database_state() {
  HINTD_TRY_STATUS(ensure_connected());
  HINTD_TRY(const auto rows, connection_->query(kCountersAndLoad));
  if (rows.size() != 1)
    return fail(ErrorKind::kNotFound, "pg_stat_database does not list the current database",
                "connect to a database that exists");
  const auto number = [&](std::size_t column) { return std::stod(rows[0][column].value_or("0")); };
  const BlockCounts blocks{number(0), number(1)};
  const double hit = blocks.hit - last_blocks_.hit;
  const double read = blocks.read - last_blocks_.read;
  // Counters fall when somebody resets them or the server crashed.
  if (hit >= 0 && read >= 0 && hit + read > 0) last_hit_ratio_ = hit / (hit + read);
  last_blocks_ = blocks;
  return DatabaseState{last_hit_ratio_, std::max(1.0, number(2))};
}

}  // namespace hintd::database
