#include "dashboard/connection.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace hintd::dashboard {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kBuffer = 4096;

SSL_CTX* context_of(const TlsIdentity& tls) {
  return static_cast<SSL_CTX*>(tls.native());
}

SSL* ssl_of(void* ssl) {
  return static_cast<SSL*>(ssl);
}

// What TLS waits for; 0 where it has failed.
short wanted_by(SSL* ssl, int result) {
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return POLLIN;
    case SSL_ERROR_WANT_WRITE:
      return POLLOUT;
    default:
      return 0;
  }
}

}  // namespace

Result<std::unique_ptr<TlsIdentity>> TlsIdentity::load(const std::filesystem::path& certificate,
                                                       const std::filesystem::path& key) {
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity(SSL_CTX_new(TLS_server_method())));
  auto* context = context_of(*identity);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return fail(ErrorKind::kInvalidInput,
                "dashboard.tls_certificate: cannot use " + certificate.string(),
                "name a readable PEM file");
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    return fail(ErrorKind::kInvalidInput, "dashboard.tls_key: cannot use " + key.string(),
                "name the PEM file of the certificate's key");
  return identity;
}

TlsIdentity::~TlsIdentity() {
  SSL_CTX_free(static_cast<SSL_CTX*>(context_));
}

Connection::Connection(int descriptor, const ConnectionLimits& limits, const TlsIdentity* tls)
    : descriptor_(descriptor), limits_(limits) {
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  if (tls == nullptr) return;
  ssl_ = SSL_new(context_of(*tls));
  SSL_set_fd(ssl_of(ssl_), descriptor);
}

Connection::~Connection() {
  if (ssl_ != nullptr) SSL_free(ssl_of(ssl_));
}

bool Connection::greet() {
  if (ssl_ == nullptr) return true;
  const auto deadline = steady_clock::now() + limits_.request;
  while (true) {
    ERR_clear_error();
    const int result = SSL_accept(ssl_of(ssl_));
    if (result == 1) return true;
    const short wants = wanted_by(ssl_of(ssl_), result);
    if (wants == 0 || !wait(wants, deadline)) return false;
  }
}

bool Connection::await_request() {
  taken_ = 0;
  if (begin_ == buffer_.size() && fill(steady_clock::now() + limits_.idle) <= 0) return false;
  deadline_ = steady_clock::now() + limits_.request;
  return true;
}

ssize_t Connection::read(char* to, std::size_t size) {
  if (begin_ == buffer_.size()) {
    const auto filled = fill(deadline_);
    if (filled <= 0) return filled;
  }
  const auto count = std::min(size, buffer_.size() - begin_);
  taken_ += count;
  if (taken_ > limits_.request_bytes) return -1;
  std::copy_n(buffer_.data() + begin_, count, to);
  begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::fill(Deadline deadline) {
  buffer_.resize(kBuffer);
  begin_ = 0;
  while (true) {
    short wants = 0;
    const auto count =
        steady_clock::now() < deadline ? read_some(buffer_.data(), kBuffer, wants) : -1;
    if (count < 0 && wants != 0 && wait(wants, deadline)) continue;
    buffer_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return count;
  }
}

ssize_t Connection::write(const char* from, std::size_t size) {
  std::size_t written = 0;
  while (written < size) {
    short wants = 0;
    const auto count = write_some(from + written, size - written, wants);
    if (count > 0)
      written += static_cast<std::size_t>(count);
    else if (wants == 0 || !wait(wants, steady_clock::now() + limits_.write))
      return -1;
  }
  return static_cast<ssize_t>(size);
}

ssize_t Connection::read_some(char* to, std::size_t size, short& wants) {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int count = SSL_read(ssl_of(ssl_), to, static_cast<int>(size));
    if (count > 0) return count;
    wants = wanted_by(ssl_of(ssl_), count);
    return wants == 0 ? 0 : -1;
  }
  const auto count = recv(descriptor_, to, size, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) wants = POLLIN;
  return count;
}

ssize_t Connection::write_some(const char* from, std::size_t size, short& wants) {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int count =
        SSL_write(ssl_of(ssl_), from, static_cast<int>(std::min<std::size_t>(size, 1 << 16)));
    if (count <= 0) wants = wanted_by(ssl_of(ssl_), count);
    return count;
  }
  const auto count = send(descriptor_, from, size, MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) wants = POLLOUT;
  return count;
}

bool Connection::wait(short events, Deadline deadline) const {
  pollfd waited{descriptor_, events, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) return false;
    const int ready = poll(&waited, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

bool Connection::gone() const {
  pollfd waited{descriptor_, POLLRDHUP, 0};
  return poll(&waited, 1, 0) > 0;
}

}  // namespace hintd::dashboard
