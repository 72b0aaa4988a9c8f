// Runs statements under arms. The one door through which learning reaches a database: app/wiring
// hands out a guarded one (safety/guarded_executor.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/features.h"
#include "core/hint_set.h"
#include "core/plan_tree.h"
#include "core/result.h"

namespace hintd {

struct Execution {
  Millis latency{0};       // until the last row arrived, the hint's own cost included
  bool timed_out = false;  // stopped at the timeout: the latency is a lower bound
  std::int64_t rows = 0;
  std::uint64_t result_hash = 0;  // independent of row order
};

// What EXPLAIN (ANALYZE, BUFFERS) tells beside the latency.
struct Analysis {
  Execution execution;
  PlanTree plan;                // with actual rows; empty when timed out
  std::int64_t blocks_hit = 0;  // shared buffers, 8 KiB each
  std::int64_t blocks_read = 0;
  std::int64_t temp_blocks = 0;  // written to temporary files
};

inline constexpr Millis kNoTimeout{0};

// Not thread-safe but for cancel() and cancel_through(): one connection, one owner.
class PlanExecutor {
 public:
  virtual ~PlanExecutor() = default;

  // Runs one statement under the arm in a read-only transaction of its own and fetches every row. A
  // run that passes `timeout` (kNoTimeout: none) is cancelled and answers timed_out. Fails with
  // kQuery for what PostgreSQL refuses, kUnavailable when the server is away (the next call
  // reconnects).
  virtual Result<Execution> run(std::string_view sql, const HintSet& hint_set, Millis timeout) = 0;

  // The same, run by the server under EXPLAIN (ANALYZE, BUFFERS, TIMING OFF): the rows stay there,
  // the latency is planning plus execution as the server measured it, and result_hash is 0.
  virtual Result<Analysis> analyze(std::string_view sql, const HintSet& hint_set,
                                   Millis timeout) = 0;

  // The plan the arm would give, not run.
  virtual Result<PlanTree> explain(std::string_view sql, const HintSet& hint_set) = 0;

  virtual Result<DatabaseState> database_state() = 0;

  // Ends the run() in progress, which then answers timed_out; from any thread. Nothing where there
  // is none.
  virtual void cancel() noexcept {}

  // The same by way of `messenger`, another executor on the same server that is between two runs
  // and that the calling thread may use: its open connection takes the message in a tenth of the
  // time that a connection made for it needs.
  virtual void cancel_through(PlanExecutor& /*messenger*/) noexcept { cancel(); }

  // Asks the server to end what `backend` (its process) runs. False where that cannot be asked.
  virtual bool cancel_backend(int /*backend*/) noexcept { return false; }
};

}  // namespace hintd
