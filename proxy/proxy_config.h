#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace hintd::proxy {

struct ProxyConfig {
  // Where clients connect: host:port (port 0 takes a free one), or /folder:port for a unix socket.
  // Beyond loopback only with a certificate, and only where the server asks for a password.
  std::string listen = "127.0.0.1:6543";
  // Threads that relay; 0: one per core. 0..64.
  int io_threads = 0;
  // Clients at a time; the next one is refused as the server would, with 53300. 1..100000.
  int max_connections = 2000;
  // A client that has not logged in by then is hung up on. ms, 100..3600000.
  std::chrono::milliseconds login_timeout{60'000};
  // A peer that has been silent for so long is asked by TCP whether it is still there, up to six
  // times over as long again; one that never answers is gone. s, 1..30000.
  int keepalive_s = 60;
  // On SIGTERM sessions may finish what they are at for this long. ms, 0..3600000.
  std::chrono::milliseconds drain{10'000};
  // PEM files; "none": clients are offered no TLS.
  std::string tls_certificate = "none";
  std::string tls_key = "none";
  // Sessions that may be hinted, by application_name and by role: names with commas between them,
  // or "*" for all.
  std::string applications = "*";
  std::string roles = "*";
};

}  // namespace hintd::proxy
