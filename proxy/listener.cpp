#include "proxy/listener.h"

#include <unistd.h>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/local/stream_protocol.hpp>
#include <charconv>
#include <cstring>

#include "proxy/event_loop_impl.h"

namespace hintd::proxy {

using asio::ip::tcp;
using asio::local::stream_protocol;
using Stream = asio::generic::stream_protocol;

namespace {

// Whether nobody listens behind the file: whoever made it has gone without removing it.
bool is_left_over(EventLoop& loop, const stream_protocol::endpoint& endpoint) {
  stream_protocol::socket socket(loop.impl().context);
  asio::error_code error;
  socket.connect(endpoint, error);
  return error == asio::error::connection_refused;
}

tl::unexpected<Error> cannot_listen(const Address& address, const asio::error_code& error) {
  const bool in_use = error == asio::error::address_in_use;
  return fail(in_use ? ErrorKind::kConflict : ErrorKind::kInvalidInput,
              "cannot listen on " + address.text() + ": " + error.message(),
              "choose another address with --listen");
}

}  // namespace

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  Impl(EventLoop& loop, Accepted call)
      : acceptor(loop.impl().context), retry(loop), accepted(std::move(call)) {}

  void accept() {
    acceptor.async_accept(
        [self = shared_from_this()](const asio::error_code& error, Stream::socket socket) {
          if (!self->acceptor.is_open()) return;
          if (!error) self->accepted(socket.release());
          // Out of descriptors: those waiting stay in the kernel's queue for a moment.
          if (error == asio::error::no_descriptors)
            self->retry.after(std::chrono::milliseconds(50), [self] { self->accept(); });
          else
            self->accept();
        });
  }

  Status open(const Stream& protocol, const Stream::endpoint& endpoint, const Address& address) {
    asio::error_code error;
    acceptor.open(protocol, error);
    if (!error && !address.is_unix())
      acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(4096, error);
    if (error) return cannot_listen(address, error);
    listening = address;
    return {};
  }

  Status open_tcp(const Address& address) {
    asio::error_code error;
    const auto ip = asio::ip::make_address(address.host, error);
    if (error)
      return fail(ErrorKind::kInvalidInput, "proxy.listen names the host '" + address.host + "'",
                  "give an IP address of this machine, e.g. 127.0.0.1:6543");
    const tcp::endpoint endpoint(ip, static_cast<std::uint16_t>(address.port));
    HINTD_TRY_STATUS(open(Stream(endpoint.protocol()), endpoint, address));
    const auto given = acceptor.local_endpoint();
    tcp::endpoint taken;
    std::memcpy(taken.data(), given.data(), given.size());
    listening = {taken.address().to_string(), taken.port()};
    return {};
  }

  Status open_unix(EventLoop& loop, const Address& address) try {
    const stream_protocol::endpoint endpoint(address.text());
    if (is_left_over(loop, endpoint)) unlink(address.text().c_str());
    return open(Stream(endpoint.protocol()), endpoint, address);
  } catch (const std::system_error& error) {  // a path that is too long
    return cannot_listen(address, error.code());
  }

  asio::basic_socket_acceptor<Stream> acceptor;
  Address listening;
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
  HINTD_TRY_STATUS(address.is_unix() ? impl->open_unix(loop, address) : impl->open_tcp(address));
  impl->accept();
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Address Listener::address() const {
  return impl_->listening;
}

void Listener::close() {
  asio::error_code ignored;
  if (impl_->acceptor.is_open() && impl_->listening.is_unix())
    unlink(impl_->listening.text().c_str());
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
  // A file cannot be named by a port that is yet to be given.
  const int lowest = host.starts_with('/') ? 1 : 0;
  if (colon != text.npos && port >= lowest && port <= 65535 && !host.empty())
    return Address{std::move(host), port};
  return fail(ErrorKind::kInvalidInput, "proxy.listen is '" + text + "'",
              "write host:port, e.g. 127.0.0.1:6543, or /folder:port for a unix socket");
}

bool is_loopback(const Address& address) {
  if (address.is_unix()) return true;
  asio::error_code error;
  const auto ip = asio::ip::make_address(address.host, error);
  return !error && ip.is_loopback();
}

}  // namespace hintd::proxy
