// Waiting for a server that went away.
#pragma once

#include <algorithm>

#include "core/clock.h"
#include "core/log.h"
#include "core/result.h"

namespace hintd::database {

struct BackOff {
  Millis first{100};             // above 0; doubles with every attempt
  Millis longest{5'000};         // one wait at most
  Millis give_up_after{60'000};  // all waits together
};

// Calls attempt(), which answers a Result, until it answers anything but kUnavailable or the
// back-off is used up; answers its last result. The clock must be one that really waits where the
// server is real. To stop early, attempt() answers another kind, e.g. kCancelled.
template <class Attempt>
auto retry_until_available(Clock& clock, const BackOff& back_off, Attempt&& attempt) {
  auto result = attempt();
  Millis wait = back_off.first;
  Millis waited{0};
  while (!result && result.error().kind == ErrorKind::kUnavailable &&
         waited < back_off.give_up_after) {
    wait = std::min({wait, back_off.longest, back_off.give_up_after - waited});
    log_warning("server_unavailable",
                {{"wait_ms", wait.count()}, {"reason", result.error().message}});
    clock.wait_until(clock.now() + std::chrono::ceil<std::chrono::microseconds>(wait));
    waited += wait;
    wait *= 2;
    result = attempt();
  }
  return result;
}

}  // namespace hintd::database
