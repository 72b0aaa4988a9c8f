// The inside of EventLoop, for the .cpp files that call Asio.
#pragma once

#include <asio.hpp>

#include "proxy/event_loop.h"

namespace hintd::proxy {

struct EventLoop::Impl {
  // One thread runs it, and nobody else touches its sockets and timers: they need no locks.
  asio::io_context context{ASIO_CONCURRENCY_HINT_UNSAFE_IO};
};

}  // namespace hintd::proxy
