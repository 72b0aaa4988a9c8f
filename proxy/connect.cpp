// Socket::connect: TCP by every address of a name, or a unix socket.
#include <asio/connect.hpp>

#include "proxy/event_loop_impl.h"
#include "proxy/socket.h"

namespace hintd::proxy {
namespace {

tl::unexpected<Error> unreachable(const Address& address, const asio::error_code& error) {
  return fail(ErrorKind::kUnavailable,
              "cannot reach the server at " + address.text() + ": " + error.message(),
              "see whether it runs");
}

// One attempt; calls nobody once it was called off.
struct ConnectAttempt : std::enable_shared_from_this<ConnectAttempt> {
  ConnectAttempt(EventLoop& the_loop, Address where, Socket::Connected call)
      : loop(the_loop),
        address(std::move(where)),
        done(std::move(call)),
        resolver(loop.impl().context),
        tcp(loop.impl().context),
        local(loop.impl().context) {}

  void start() {
    if (!address.is_unix()) return resolve();
    try {
      local.async_connect(asio::local::stream_protocol::endpoint(address.text()),
                          [self = shared_from_this()](const asio::error_code& error) {
                            self->end(error, self->local);
                          });
    } catch (const std::system_error& error) {  // a path that is too long
      finish(unreachable(address, error.code()));
    }
  }

  void resolve() {
    resolver.async_resolve(
        address.host, std::to_string(address.port),
        [self = shared_from_this()](const asio::error_code& error, const auto& found) {
          if (error) return self->finish(unreachable(self->address, error));
          asio::async_connect(self->tcp, found,
                              [self](const asio::error_code& failed, const auto&) {
                                self->end(failed, self->tcp);
                              });
        });
  }

  template <class Protocol>
  void end(const asio::error_code& error, Protocol& socket) {
    if (error) return finish(unreachable(address, error));
    finish(std::make_unique<Socket>(loop, socket.release()));
  }

  void call_off() {
    asio::error_code ignored;
    done = nullptr;
    resolver.cancel();
    tcp.close(ignored);
    local.close(ignored);
  }

  void finish(Result<std::unique_ptr<Socket>> result) {
    if (const auto call = std::exchange(done, nullptr)) call(std::move(result));
  }

  EventLoop& loop;
  Address address;
  Socket::Connected done;
  asio::ip::tcp::resolver resolver;
  asio::ip::tcp::socket tcp;
  asio::local::stream_protocol::socket local;
};

}  // namespace

std::shared_ptr<void> Socket::connect(EventLoop& loop, const Address& address, Connected done) {
  auto attempt = std::make_shared<ConnectAttempt>(loop, address, std::move(done));
  attempt->start();
  return {attempt.get(), [attempt](void*) { attempt->call_off(); }};
}

}  // namespace hintd::proxy
