// Takes connections and hands them out.
#pragma once

#include <functional>
#include <memory>

#include "core/result.h"
#include "proxy/event_loop.h"
#include "proxy/socket.h"

namespace hintd::proxy {

class Listener {
 public:
  using Accepted = std::function<void(int descriptor)>;

  // Listens, on a unix socket where the host is a folder: its file is who may connect, as the umask
  // and the folder say. `accepted` is called on the loop's thread and owns the descriptor.
  // kInvalidInput for an address that is none, kConflict where the port is in use.
  static Result<std::unique_ptr<Listener>> open(EventLoop& loop, const Address& address,
                                                Accepted accepted);
  ~Listener();

  // With the port that was given, where 0 was asked for.
  Address address() const;
  // On the loop's thread.
  void close();

 private:
  struct Impl;
  explicit Listener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with the wait that is under way
};

// "127.0.0.1:6543", "[::1]:6543", or "/folder:6543" for a unix socket there. kInvalidInput for
// anything else.
Result<Address> parse_listen_address(const std::string& text);
// Whether nobody but this machine can connect there.
bool is_loopback(const Address& address);

}  // namespace hintd::proxy
