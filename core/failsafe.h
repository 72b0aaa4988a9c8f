// Work beside the traffic, whose failure must not end the program: what it throws is logged,
// counted and shown. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>

namespace hintd {

class Failsafe {
 public:
  // `event`: how the log names a failure. One that comes again and again is logged ever more
  // seldom: the first, the second, the fourth, ...
  explicit Failsafe(std::string_view event) : event_(event) {}

  // Whether it ended without throwing.
  template <class Work>
  bool run(const Work& work) noexcept {
    try {
      work();
      return true;
    } catch (const std::exception& error) {
      failed(error.what());
    } catch (...) {
      failed("not a std::exception");
    }
    return false;
  }

  std::int64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  // What the last failure said; empty where there was none.
  std::string last() const;

 private:
  void failed(const char* what) noexcept;

  const std::string event_;
  std::atomic<std::int64_t> failures_{0};
  mutable std::mutex mutex_;
  std::string last_;
};

}  // namespace hintd
