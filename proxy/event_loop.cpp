#include "proxy/event_loop.h"

#include <utility>

#include "proxy/event_loop_impl.h"

namespace hintd::proxy {

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() {
  const auto work = asio::make_work_guard(impl_->context);
  impl_->context.run();
}

void EventLoop::stop() {
  impl_->context.stop();
}

void EventLoop::post(std::function<void()> task) {
  asio::post(impl_->context, std::move(task));
}

struct Timer::Impl {
  explicit Impl(asio::io_context& context) : timer(context) {}
  asio::steady_timer timer;
  std::function<void()> callback;
  int waits = 0;  // a wait that was called off may have been on its way already
};

Timer::Timer(EventLoop& loop) : impl_(std::make_shared<Impl>(loop.impl().context)) {}

Timer::~Timer() {
  cancel();
}

void Timer::after(std::chrono::milliseconds delay, std::function<void()> callback) {
  impl_->callback = std::move(callback);
  impl_->timer.expires_after(delay);  // calls off the wait before
  impl_->timer.async_wait([impl = impl_, wait = ++impl_->waits](const asio::error_code& error) {
    if (error || !impl->callback || wait != impl->waits) return;
    const auto call = std::exchange(impl->callback, nullptr);
    call();
  });
}

void Timer::cancel() {
  impl_->callback = nullptr;
  impl_->timer.cancel();
}

}  // namespace hintd::proxy
