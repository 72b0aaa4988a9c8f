// A connected stream socket (TCP or unix) that never blocks, plain or under TLS. One loop's: every
// call and callback is on that loop's thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "proxy/event_loop.h"
#include "proxy/pieces.h"

namespace hintd::proxy {

class TlsContext;

// host:port, or the folder of a unix socket and the port that names it.
struct Address {
  std::string host;
  int port = 5432;

  bool is_unix() const { return host.starts_with('/'); }
  std::string text() const;
};

struct ReadResult {
  enum class Kind { kBytes, kNothingYet, kClosed };
  Kind kind = Kind::kNothingYet;
  std::size_t bytes = 0;
};

class Socket {
 public:
  using Callback = std::function<void()>;
  using Connected = std::function<void(Result<std::unique_ptr<Socket>>)>;

  // Takes over a connected descriptor.
  Socket(EventLoop& loop, int descriptor);
  // Tries the address's every IP in turn. The attempt is called off when the answered object goes.
  static std::shared_ptr<void> connect(EventLoop& loop, const Address& address, Connected done);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // A peer that is gone without a word (half-open TCP) is noticed after about twice this silence.
  void keep_alive(std::chrono::seconds idle);

  ReadResult read(std::span<char> into);
  // Looks without taking; plain sockets only.
  ReadResult peek(std::span<char> into);
  // Writes what the kernel takes and keeps the rest, which goes out as the peer reads. False when
  // the connection is gone.
  bool write(const Pieces& pieces);
  bool write(std::string_view bytes);
  std::size_t unwritten() const;

  // One wait of each kind at a time; a failed connection is readable.
  void when_readable(Callback callback);
  // When all that was kept is written, or the connection is gone.
  void when_written(Callback callback);

  // Under TLS from here on; `done` hears how the handshake ended. As the server's side `context`
  // has a certificate; as the client's it is verified as the context says, against `host`.
  void start_tls(const TlsContext& context, const std::string& host,
                 std::function<void(Status)> done);
  bool is_tls() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with waits that are under way
};

}  // namespace hintd::proxy
