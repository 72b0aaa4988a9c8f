#include "proxy/listener.h"

#include <charconv>

#include "proxy/event_loop_impl.h"

namespace hintd::proxy {

using asio::ip::tcp;

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  Impl(EventLoop& loop, Accepted call)
      : acceptor(loop.impl().context), retry(loop), accepted(std::move(call)) {}

  void accept() {
    acceptor.async_accept(
        [self = shared_from_this()](const asio::error_code& error, tcp::socket socket) {
          if (!self->acceptor.is_open()) return;
          if (!error) self->accepted(socket.release());
          // Out of descriptors: those waiting stay in the kernel's queue for a moment.
          if (error == asio::error::no_descriptors)
            self->retry.after(std::chrono::milliseconds(50), [self] { self->accept(); });
          else
            self->accept();
        });
  }

  tcp::acceptor acceptor;
  Timer retry;
  Accepted accepted;
};

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() {
  close();
}

Result<std::unique_ptr<Listener>> Listener::open(EventLoop& loop, const Address& address,
                                                 Accepted accepted) {
  auto impl = std::make_shared<Impl>(loop, std::move(accepted));
  asio::error_code error;
  const auto ip = asio::ip::make_address(address.host, error);
  if (error)
    return fail(ErrorKind::kInvalidInput, "proxy.listen names the host '" + address.host + "'",
                "give an IP address of this machine, e.g. 127.0.0.1:6543");
  const tcp::endpoint endpoint(ip, static_cast<std::uint16_t>(address.port));
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(4096, error);
  if (error)
    return fail(
        error == asio::error::address_in_use ? ErrorKind::kConflict : ErrorKind::kInvalidInput,
        "cannot listen on " + address.text() + ": " + error.message(),
        "choose another address with --listen");
  impl->accept();
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Address Listener::address() const {
  const auto endpoint = impl_->acceptor.local_endpoint();
  return {endpoint.address().to_string(), endpoint.port()};
}

void Listener::close() {
  asio::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->retry.cancel();
}

Result<Address> parse_listen_address(const std::string& text) {
  const auto colon = text.rfind(':');
  int port = -1;
  if (colon != text.npos) std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (host == "*") host = "0.0.0.0";
  if (colon != text.npos && port >= 0 && port <= 65535 && !host.empty())
    return Address{std::move(host), port};
  return fail(ErrorKind::kInvalidInput, "proxy.listen is '" + text + "'",
              "write host:port, e.g. 127.0.0.1:6543");
}

bool is_loopback(const Address& address) {
  asio::error_code error;
  const auto ip = asio::ip::make_address(address.host, error);
  return !error && ip.is_loopback();
}

}  // namespace hintd::proxy
