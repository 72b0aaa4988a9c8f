#pragma once

#include <string_view>

namespace hintd::app {

// Tells systemd how the service is: "READY=1", "RELOADING=1", "STOPPING=1", "STATUS=..." (the
// datagram of sd_notify(3)). Does nothing where NOTIFY_SOCKET is not set.
void notify_service_manager(std::string_view state);

}  // namespace hintd::app
