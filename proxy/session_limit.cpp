// A statement that takes longer under a hint than it may: stopped by a cancel request of our own,
// and sent again once the server has closed that request's connection.
#include "proxy/session.h"

namespace hintd::proxy {

// The timer is not set anew for every statement: one that was set for a statement before looks for
// the limit of that which is under way then.
void Session::watch_limit() {
  const auto limit = conversation_->limit();
  if (!limit || limit == stopped_at_ || (watched_ && *watched_ <= *limit)) return;
  watched_ = limit;
  if (!limit_) limit_.emplace(parts_.loop);
  const auto left = *limit - std::chrono::steady_clock::now();
  limit_->after(std::chrono::ceil<std::chrono::milliseconds>(left), [this] { on_limit(); });
}

void Session::on_limit() {
  watched_.reset();
  if (stage_ != Stage::kRelay) return;
  if (!limit_passed()) return watch_limit();
  stopped_at_ = conversation_->limit();
  cancel_statement();
}

bool Session::limit_passed() const {
  if (stage_ != Stage::kRelay) return false;
  const auto limit = conversation_->limit();
  return limit && *limit <= std::chrono::steady_clock::now();
}

// Only what can be cancelled is stopped.
void Session::cancel_statement() {
  connecting_ = Socket::connect(parts_.loop, parts_.server.address, [this](auto connected) {
    if (!connected || !limit_passed() || !conversation_->stop_at_limit()) return;
    cancel_ = std::move(*connected);
    cancel_->write(conversation_->cancel_packet());
    await_cancel();
  });
}

void Session::await_cancel() {
  char ignored = 0;
  const bool open =
      cancel_ != nullptr && cancel_->read({&ignored, 1}).kind != ReadResult::Kind::kClosed;
  if (open) return cancel_->when_readable([this] { await_cancel(); });
  cancel_.reset();
  if (stage_ != Stage::kRelay) return;
  conversation_->cancel_closed(parts_.outbox);
  flush();
  if (stage_ != Stage::kRelay) return;
  watch_limit();
  resume();
}

}  // namespace hintd::proxy
