// What was sent to the server and is not answered yet, in order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/worker.h"

namespace hintd::proxy {

struct InFlight {
  enum class Kind : std::uint8_t {
    kQuery,     // a simple Query, or a FunctionCall; ends with ReadyForQuery
    kParse,     // ends with ParseComplete
    kOurParse,  // the same, of ours: its answer is swallowed
    kInjected,  // our Bind and Execute, and a Parse where it had to be; all answers are swallowed
    kExecute,   // ends with CommandComplete, EmptyQueryResponse or PortalSuspended
    kSync,      // ends with ReadyForQuery
    kCopyEnd,   // CopyDone or CopyFail: not answered, but says which Syncs a COPY ignores
  };
  Kind kind = Kind::kSync;
  std::shared_ptr<const KnownStatement> statement;  // of kQuery, kExecute
  std::string parsed_name;                          // of kParse
  Choice choice;
  int swallow = 0;                                    // CommandCompletes still to be swallowed
  std::uint32_t prefix = 0;                           // characters put before the text
  std::chrono::steady_clock::time_point sent{};       // of the first attempt
  Millis lost{0};                                     // what abandoned attempts took
  std::chrono::steady_clock::time_point first_row{};  // epoch: none yet
  std::chrono::steady_clock::time_point ended{};      // epoch: not yet
  bool timed_out = false;  // a run under a hint was stopped at its deadline
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::string error;
};

// A queue that allocates only while it grows.
class InFlightQueue {
 public:
  bool empty() const { return head_ == entries_.size(); }
  std::size_t size() const { return entries_.size() - head_; }
  InFlight& front() { return entries_[head_]; }
  const InFlight& front() const { return entries_[head_]; }
  InFlight& operator[](std::size_t i) { return entries_[head_ + i]; }

  InFlight& push(InFlight::Kind kind) {
    if (head_ > 64 && head_ > size()) {
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    auto& entry = entries_.emplace_back();
    entry.kind = kind;
    return entry;
  }
  void pop() {
    if (++head_ == entries_.size())
      clear();
    else
      entries_[head_ - 1] = {};
  }
  void erase(std::size_t i) {
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(head_ + i));
    if (empty()) clear();
  }
  void clear() {
    entries_.clear();
    head_ = 0;
  }

 private:
  std::vector<InFlight> entries_;
  std::size_t head_ = 0;
};

}  // namespace hintd::proxy
