// What a worker counts. Written by its thread alone, read by whoever shows them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace hintd::proxy {

// Why a statement went to the server as it came.
enum class PassReason : std::uint8_t {
  kHinted,         // it did not: an arm was put before it
  kObserving,      // the mode forbids hints
  kOff,            // SET hintd.mode = off
  kSwitchedOff,    // the kill switch
  kFiltered,       // application or role not in the settings
  kBypassed,       // the session lost hints for good: something about it was in doubt
  kEncoding,       // the session's encoding or string syntax is not one that hints are safe in
  kUnknownText,    // too long, or not what PostgreSQL's parser takes
  kNotEligible,    // not one read-only SELECT over listed functions and users' relations
  kDefault,        // the policy says so
  kNeedsPlan,      // its rule hangs on the default plan
  kGuarded,        // a guard refused the arm
  kInTransaction,  // a hint would outlive the statement
  kPipelined,      // others are in flight, or in the same batch
  kHedged,         // its rule gives the default a head start, and that sufficed
  kSentAgain,      // it was hinted: the hint was refused, failed or took too long
  kNoParameters,   // prepared and without parameters: its plan would be kept
  kInternalError,  // hintd failed while it chose
};
inline constexpr std::size_t kPassReasonCount = 18;
std::string_view to_string(PassReason reason);

// A count of one writer.
class Counter {
 public:
  void add(std::int64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::int64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

struct alignas(64) Counters {
  Counter connections;         // accepted since the start
  Counter open;                // now
  Counter refused;             // over the limit
  Counter cancels;             // cancel requests passed on
  Counter statements;          // ended, however
  Counter errors;              // of those, with an error
  Counter rows;                // sent to clients
  Counter bytes;               // sent to clients
  Counter injection_failures;  // statements sent again as they came, because the hint was refused
  Counter telemetry_dropped;   // events that found the queue full
  std::array<Counter, kPassReasonCount> passed;
};

}  // namespace hintd::proxy
