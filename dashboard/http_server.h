// Carries HTTP/1.1, with or without TLS, over cpp-httplib, and bounds what a client may take: the
// time for a request (whole, however slowly its bytes drip), its size, the time for taking the
// answer, and the number of connections. A thread a connection.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "dashboard/http.h"

namespace hintd::dashboard {

struct HttpServerConfig {
  std::string host = "127.0.0.1";
  int port = 0;                                // 0: any
  int last_port = 0;                           // above `port`: the first free one up to it
  std::filesystem::path tls_certificate = {};  // none: no TLS
  std::filesystem::path tls_key = {};
  int max_connections = 512;
  std::size_t max_body = 1 << 20;                     // bytes
  std::chrono::milliseconds request_timeout{10'000};  // first byte to last
  std::chrono::milliseconds idle_timeout{30'000};     // between two requests
  std::chrono::milliseconds write_timeout{10'000};    // until the client takes some bytes
};

// Both called from many threads at a time.
struct HttpHandlers {
  // Before the body is read: an answer ends the request, and the connection.
  std::function<std::optional<HttpResponse>(const HttpRequest&)> admit;
  std::function<HttpResponse(const HttpRequest&)> handle;
};

class HttpServer {
 public:
  // Listens, and serves from threads of its own. kInvalidInput for a host or certificate that
  // cannot be used, kConflict for a port in use.
  static Result<std::unique_ptr<HttpServer>> start(const HttpServerConfig& config,
                                                   HttpHandlers handlers);
  // Hangs up on everybody. Streams must have ended or end by themselves within a moment.
  ~HttpServer();

  int port() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hintd::dashboard
