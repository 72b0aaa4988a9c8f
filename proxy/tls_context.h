// Certificates and rules for one side's TLS, shared by its connections. Immutable and thread-safe.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"

namespace hintd::proxy {

// How the server's certificate is checked, as libpq's sslmode.
enum class ServerTls { kOff, kPrefer, kRequire, kVerifyCa, kVerifyFull };

class TlsContext {
 public:
  // For clients. kInvalidInput, naming the file, when a PEM file cannot be read or the key is not
  // the certificate's.
  static Result<std::unique_ptr<TlsContext>> for_clients(const std::string& certificate,
                                                         const std::string& key);
  // For the server. `root` (PEM) is needed by the two that verify.
  static Result<std::unique_ptr<TlsContext>> for_server(ServerTls mode, const std::string& root);
  ~TlsContext();

  bool verifies_host() const { return verifies_host_; }
  bool accepts() const { return accepts_; }
  void* native() const { return context_; }  // SSL_CTX*

 private:
  explicit TlsContext(void* context) : context_(context) {}
  void* context_;
  bool accepts_ = false;
  bool verifies_host_ = false;
};

}  // namespace hintd::proxy
