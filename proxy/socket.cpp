#include "proxy/socket.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>

#include "proxy/event_loop_impl.h"
#include "proxy/tls_context.h"

namespace hintd::proxy {
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

namespace {

// Without asio's type-erased executor, which costs at every wait.
using StreamSocket =
    asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

constexpr std::size_t kMaxParts = 64;  // of one sendmsg
constexpr std::size_t kWorthKeeping = 4096;

// A unix socket has none of TCP's, and needs none.
void set_option(int descriptor, int level, int option, int value) {
  ::setsockopt(descriptor, level, option, &value, sizeof value);
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int family_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return address.ss_family;
}

tl::unexpected<Error> tls_failed(const SSL* ssl) {
  const auto verified = SSL_get_verify_result(ssl);
  const auto code = ERR_get_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  std::string why = reason != nullptr ? reason : "the peer hung up";
  if (verified != X509_V_OK) why = X509_verify_cert_error_string(verified);
  return fail(ErrorKind::kUnavailable, "TLS: " + why, "check the certificate");
}

}  // namespace

std::string Address::text() const {
  return is_unix() ? host + "/.s.PGSQL." + std::to_string(port) : host + ":" + std::to_string(port);
}

struct Socket::Impl : std::enable_shared_from_this<Socket::Impl> {
  Impl(EventLoop& loop, int descriptor) : socket(loop.impl().context) {
    socket.assign(asio::generic::stream_protocol(family_of(descriptor), 0), descriptor);
    socket.native_non_blocking(true);
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  }

  int descriptor() { return socket.native_handle(); }
  // Bytes taken, 0 when the kernel is full, -1 when the connection is gone.
  std::ptrdiff_t send(std::span<const iovec> parts);
  std::ptrdiff_t send(std::string_view bytes);
  void keep(const Pieces& pieces, std::size_t already_sent);
  void drain();
  void wait_writable();
  void shake_hands();
  void end_handshake(Status status);

  StreamSocket socket;
  std::unique_ptr<SSL, FreeSsl> ssl;
  std::string pending;
  std::size_t pending_at = 0;
  bool gone = false;
  bool waiting_writable = false;
  Callback readable;
  Callback written;
  std::function<void(Status)> handshake_done;
};

Socket::Socket(EventLoop& loop, int descriptor) : impl_(std::make_shared<Impl>(loop, descriptor)) {}

Socket::~Socket() {
  impl_->readable = impl_->written = nullptr;
  impl_->handshake_done = nullptr;
  if (impl_->ssl && !impl_->gone) SSL_shutdown(impl_->ssl.get());
  ERR_clear_error();
  asio::error_code ignored;
  impl_->socket.close(ignored);
}

// No TCP_USER_TIMEOUT: it would also end a client that is there and only reads slowly.
void Socket::keep_alive(std::chrono::seconds idle) {
  constexpr int kProbes = 6;
  const auto seconds = static_cast<int>(idle.count());
  const auto set = [&](int level, int option, int value) {
    set_option(impl_->descriptor(), level, option, value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / kProbes));
  set(IPPROTO_TCP, TCP_KEEPCNT, kProbes);
}

ReadResult Socket::read(std::span<char> into) {
  if (impl_->gone) return {ReadResult::Kind::kClosed};
  if (!impl_->ssl) {
    const auto n = ::recv(impl_->descriptor(), into.data(), into.size(), 0);
    if (n > 0) return {ReadResult::Kind::kBytes, static_cast<std::size_t>(n)};
    return {n < 0 && would_block() ? ReadResult::Kind::kNothingYet : ReadResult::Kind::kClosed};
  }
  std::size_t got = 0;
  while (got < into.size()) {
    const int n = SSL_read(impl_->ssl.get(), into.data() + got,
                           static_cast<int>(std::min<std::size_t>(into.size() - got, 1 << 20)));
    if (n <= 0) {
      const int error = SSL_get_error(impl_->ssl.get(), n);
      ERR_clear_error();
      if (got > 0) break;
      const bool again = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
      return {again ? ReadResult::Kind::kNothingYet : ReadResult::Kind::kClosed};
    }
    got += static_cast<std::size_t>(n);
  }
  return {ReadResult::Kind::kBytes, got};
}

ReadResult Socket::peek(std::span<char> into) {
  const auto n = ::recv(impl_->descriptor(), into.data(), into.size(), MSG_PEEK);
  if (n > 0) return {ReadResult::Kind::kBytes, static_cast<std::size_t>(n)};
  return {n < 0 && would_block() ? ReadResult::Kind::kNothingYet : ReadResult::Kind::kClosed};
}

std::ptrdiff_t Socket::Impl::send(std::span<const iovec> parts) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  // One part is the rule, and costs the kernel less alone.
  const auto n = parts.size() == 1
                     ? ::send(descriptor(), parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL)
                     : ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
  return n >= 0 ? n : would_block() ? 0 : -1;
}

std::ptrdiff_t Socket::Impl::send(std::string_view bytes) {
  if (!ssl) {
    const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    return send({&part, 1});
  }
  const int n = SSL_write(ssl.get(), bytes.data(),
                          static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)));
  if (n > 0) return n;
  const int error = SSL_get_error(ssl.get(), n);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ ? 0 : -1;
}

bool Socket::write(const Pieces& pieces) {
  if (pieces.empty()) return !impl_->gone;
  std::size_t sent = 0;
  if (unwritten() == 0 && !impl_->gone && impl_->ssl) {
    const auto all = pieces.count() == 1 ? std::string() : pieces.text();
    const auto n = impl_->send(pieces.count() == 1 ? pieces[0] : std::string_view(all));
    impl_->gone = n < 0;
    sent = n > 0 ? static_cast<std::size_t>(n) : 0;
  } else if (unwritten() == 0 && !impl_->gone) {
    std::array<iovec, kMaxParts> parts;
    const auto count = std::min(pieces.count(), parts.size());
    for (std::size_t i = 0; i < count; ++i)
      parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
    const auto n = impl_->send({parts.data(), count});
    impl_->gone = n < 0;
    sent = n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  if (impl_->gone) return false;
  if (sent < pieces.size()) {
    impl_->keep(pieces, sent);
    impl_->drain();
  }
  return !impl_->gone;
}

bool Socket::write(std::string_view bytes) {
  Pieces pieces;
  pieces.refer(bytes);
  return write(pieces);
}

std::size_t Socket::unwritten() const {
  return impl_->pending.size() - impl_->pending_at;
}

void Socket::Impl::keep(const Pieces& pieces, std::size_t already_sent) {
  for (std::size_t i = 0; i < pieces.count(); ++i) {
    const auto piece = pieces[i];
    const auto skip = std::min(already_sent, piece.size());
    already_sent -= skip;
    pending += piece.substr(skip);
  }
}

void Socket::Impl::drain() {
  while (pending_at < pending.size() && !gone) {
    const auto n = send(std::string_view(pending).substr(pending_at));
    if (n == 0) return wait_writable();
    gone = n < 0;
    if (n > 0) pending_at += static_cast<std::size_t>(n);
  }
  pending_at = 0;
  if (pending.capacity() > kWorthKeeping)
    pending = {};
  else
    pending.clear();
  if (const auto call = std::exchange(written, nullptr)) call();
}

void Socket::Impl::wait_writable() {
  if (waiting_writable) return;
  waiting_writable = true;
  socket.async_wait(StreamSocket::wait_write, [impl = shared_from_this()](const auto& error) {
    impl->waiting_writable = false;
    if (!error) impl->drain();
  });
}

void Socket::when_readable(Callback callback) {
  const bool waits = static_cast<bool>(impl_->readable);
  impl_->readable = std::move(callback);
  if (waits) return;
  const auto call = [impl = impl_](const asio::error_code& error) {
    if (error || !impl->readable) return;
    const auto ready = std::exchange(impl->readable, nullptr);
    ready();
  };
  if (impl_->ssl && SSL_pending(impl_->ssl.get()) > 0)
    asio::post(impl_->socket.get_executor(), [call] { call({}); });
  else
    impl_->socket.async_wait(StreamSocket::wait_read, call);
}

void Socket::when_written(Callback callback) {
  if (unwritten() == 0 || impl_->gone) return callback();
  impl_->written = std::move(callback);
}

void Socket::start_tls(const TlsContext& context, const std::string& host,
                       std::function<void(Status)> done) {
  impl_->ssl.reset(SSL_new(static_cast<SSL_CTX*>(context.native())));
  auto* ssl = impl_->ssl.get();
  SSL_set_fd(ssl, impl_->descriptor());
  if (context.accepts()) {
    SSL_set_accept_state(ssl);
  } else {
    SSL_set_connect_state(ssl);
    SSL_set_tlsext_host_name(ssl, host.c_str());
    if (context.verifies_host()) SSL_set1_host(ssl, host.c_str());
  }
  impl_->handshake_done = std::move(done);
  impl_->shake_hands();
}

void Socket::Impl::shake_hands() {
  ERR_clear_error();
  const int n = SSL_do_handshake(ssl.get());
  if (n == 1) return end_handshake({});
  const int error = SSL_get_error(ssl.get(), n);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
    return end_handshake(tls_failed(ssl.get()));
  const auto side =
      error == SSL_ERROR_WANT_READ ? StreamSocket::wait_read : StreamSocket::wait_write;
  socket.async_wait(side, [impl = shared_from_this()](const auto& failed) {
    if (!failed && impl->handshake_done) impl->shake_hands();
  });
}

void Socket::Impl::end_handshake(Status status) {
  gone = !status;
  if (const auto call = std::exchange(handshake_done, nullptr)) call(std::move(status));
}

bool Socket::is_tls() const {
  return impl_->ssl != nullptr;
}

}  // namespace hintd::proxy
