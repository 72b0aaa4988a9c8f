// One thread's loop over sockets and timers: standalone Asio behind a wall, so that its headers
// stay in three files.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace hintd::proxy {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Calls what is ready until stop(); the thread that calls it is the loop's.
  void run();
  // From any thread.
  void stop();
  void post(std::function<void()> task);

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Calls back once, on its loop's thread. Destroying it, or setting it anew, calls it off.
class Timer {
 public:
  explicit Timer(EventLoop& loop);
  ~Timer();
  void after(std::chrono::milliseconds delay, std::function<void()> callback);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with the wait that may be under way
};

}  // namespace hintd::proxy
