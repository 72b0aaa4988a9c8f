// Server-sent events: what happens is put in once and read by every open page. Late readers go on
// where they stopped, as long as what they missed is still kept.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace hintd::dashboard {

// Thread-safe.
class EventHub {
 public:
  // `kind` is the event's name on the wire, `data` one line. A kind that only tells the present
  // state (`replaces`) is not kept for late readers, and each reader looks for it at moments of its
  // own, kBetweenLooks apart: hundreds that wake at once would hold up whatever else runs here.
  void publish(const std::string& kind, const std::string& data, bool replaces = false);
  // From here on next() answers nothing.
  void close();

  // One reader's place. Owned by one thread; the hub must outlive it.
  class Cursor {
   public:
    // Begins after the event with that id, else with what comes next. Where the id is too old or
    // not ours the first event is "reset".
    Cursor(EventHub& hub, const std::string& last_event_id);
    // The next events as they stand on the wire, or a heartbeat when there are none for so long;
    // nothing when the hub has closed.
    std::optional<std::string> next(std::chrono::milliseconds heartbeat);

   private:
    EventHub& hub_;
    std::int64_t after_ = 0;
    std::int64_t state_ = 0;
    bool reset_ = false;
    std::chrono::steady_clock::time_point look_;  // for the state, next
  };

 private:
  struct Entry {
    std::int64_t id;
    std::string text;
  };
  static constexpr std::size_t kKept = 512;
  static constexpr std::chrono::milliseconds kBetweenLooks{250};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Entry> kept_;
  std::int64_t last_ = 0;
  std::string state_;  // the last that replaces
  std::int64_t state_number_ = 0;
  std::string generation_ = make_generation();
  bool closed_ = false;

  static std::string make_generation();
};

}  // namespace hintd::dashboard
