#include "dashboard/event_hub.h"

#include <algorithm>
#include <charconv>

namespace hintd::dashboard {

// Ids of another process are not ours: a page that outlived a restart begins anew.
std::string EventHub::make_generation() {
  return std::to_string(std::chrono::system_clock::now().time_since_epoch().count() / 1000);
}

void EventHub::publish(const std::string& kind, const std::string& data, bool replaces) {
  {
    const std::lock_guard lock(mutex_);
    if (replaces) {
      state_ = "event: " + kind + "\ndata: " + data + "\n\n";
      ++state_number_;
      return;
    }
    ++last_;
    kept_.push_back({last_, "id: " + generation_ + "-" + std::to_string(last_) +
                                "\nevent: " + kind + "\ndata: " + data + "\n\n"});
    if (kept_.size() > kKept) kept_.pop_front();
  }
  wake_.notify_all();
}

void EventHub::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
}

EventHub::Cursor::Cursor(EventHub& hub, const std::string& last_event_id)
    : hub_(hub), look_(std::chrono::steady_clock::now()) {
  const std::lock_guard lock(hub.mutex_);
  after_ = hub.last_;
  if (last_event_id.empty()) return;
  const auto dash = last_event_id.find('-');
  std::int64_t id = -1;
  if (dash != std::string::npos && last_event_id.substr(0, dash) == hub.generation_)
    std::from_chars(last_event_id.data() + dash + 1, last_event_id.data() + last_event_id.size(),
                    id);
  const auto oldest = hub.kept_.empty() ? hub.last_ + 1 : hub.kept_.front().id;
  reset_ = id < 0 || id > hub.last_ || id + 1 < oldest;
  if (!reset_) after_ = id;
}

std::optional<std::string> EventHub::Cursor::next(std::chrono::milliseconds heartbeat) {
  const auto silent_until = std::chrono::steady_clock::now() + heartbeat;
  std::unique_lock lock(hub_.mutex_);
  const auto has_news = [this] { return hub_.closed_ || reset_ || hub_.last_ > after_; };
  while (!hub_.wake_.wait_until(lock, std::min(look_, silent_until), has_news)) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= look_) look_ = now + kBetweenLooks;
    if (hub_.state_number_ > state_ || now >= silent_until) break;
  }
  if (hub_.closed_) return std::nullopt;
  std::string text;
  if (reset_) text += "event: reset\ndata: {}\n\n";
  reset_ = false;
  for (const auto& entry : hub_.kept_)
    if (entry.id > after_) text += entry.text;
  after_ = hub_.last_;
  if (hub_.state_number_ > state_) text += hub_.state_;
  state_ = hub_.state_number_;
  return text.empty() ? ": alive\n\n" : text;
}

}  // namespace hintd::dashboard
