// A client's socket with deadlines, plain or under TLS.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "core/result.h"

namespace hintd::dashboard {

// A certificate and its key. Immutable and thread-safe.
class TlsIdentity {
 public:
  // kInvalidInput, naming the file, for what cannot be used.
  static Result<std::unique_ptr<TlsIdentity>> load(const std::filesystem::path& certificate,
                                                   const std::filesystem::path& key);
  ~TlsIdentity();
  void* native() const { return context_; }  // SSL_CTX*

 private:
  explicit TlsIdentity(void* context) : context_(context) {}
  void* context_;
};

struct ConnectionLimits {
  std::chrono::milliseconds request{10'000};  // from its first byte to its last
  std::chrono::milliseconds idle{30'000};     // for the next request to begin
  std::chrono::milliseconds write{10'000};    // for the client to take some bytes
  std::size_t request_bytes = (1 << 20) + (1 << 16);
};

// Not thread-safe. Does not own the descriptor.
class Connection {
 public:
  Connection(int descriptor, const ConnectionLimits& limits, const TlsIdentity* tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // TLS's handshake, where there is TLS. False when the client fails it or takes too long.
  bool greet();
  // Waits for the next request; false when none comes in time. Its limits begin here.
  bool await_request();

  // As POSIX read and write: -1 for an error or a limit that was passed, 0 at the end.
  ssize_t read(char* to, std::size_t size);
  ssize_t write(const char* from, std::size_t size);
  // Has the client hung up?
  bool gone() const;

  int descriptor() const { return descriptor_; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  ssize_t fill(Deadline deadline);
  ssize_t read_some(char* to, std::size_t size, short& wants);
  ssize_t write_some(const char* from, std::size_t size, short& wants);
  bool wait(short events, Deadline deadline) const;

  int descriptor_;
  const ConnectionLimits& limits_;
  void* ssl_ = nullptr;
  Deadline deadline_{};
  std::size_t taken_ = 0;  // bytes of this request
  std::string buffer_;
  std::size_t begin_ = 0;
};

}  // namespace hintd::dashboard
