// The inside of EventLoop, for the .cpp files that call Asio.
#pragma once

#include <asio.hpp>

#include "proxy/event_loop.h"

namespace hintd::proxy {

struct EventLoop::Impl {
  asio::io_context context{1};  // one thread runs it
};

}  // namespace hintd::proxy
