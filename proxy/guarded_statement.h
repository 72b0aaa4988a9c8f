// A statement that may need another attempt: until its first row, or its end.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "proxy/attempts.h"
#include "proxy/worker.h"

namespace hintd::proxy {

struct GuardedStatement {
  using Time = std::chrono::steady_clock::time_point;

  std::string bytes;   // what the next attempt would send
  bool batch = false;  // of the extended protocol
  std::shared_ptr<const KnownStatement> statement;
  Choice choice;  // as it was made
  Attempts attempts;
  Time first_sent{};
  bool timed_out = false;  // a run under the hint passed its deadline

  // Of this attempt:
  Time sent{};
  Time limit{};                 // epoch: none
  bool parse_answered = false;  // the batch's own Parse took effect, and the client does not know
  bool stopping = false;        // swallow up to ReadyForQuery, then make the next attempt
  bool cancelling = false;      // the cancel's connection is still open
  bool ended = false;           // ReadyForQuery came
  std::string held;             // answers that the client gets with the first row
};

}  // namespace hintd::proxy
