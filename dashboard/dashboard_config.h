#pragma once

#include <filesystem>
#include <string>

namespace hintd::dashboard {

struct DashboardConfig {
  // Where the page and the API are served, host:port; "off": nowhere. Where it is this default and
  // taken, the next free port is used. Beyond loopback only with a certificate, and then reading
  // needs the token too.
  std::string http = "127.0.0.1:8080";
  // The token that changes need; made at the first start, readable by its owner alone. Empty:
  // dashboard.token in the data folder.
  std::filesystem::path token_file;
  // Further names, with commas between them, under which people reach the page; requests for any
  // other host are refused.
  std::string hosts;
  std::filesystem::path tls_certificate;  // PEM; none: no TLS
  std::filesystem::path tls_key;
  // Show the conditions of plans, which hold literals of users' statements.
  bool show_literals = false;
  // Open connections at a time; the next one is refused. 1 to 10000.
  int max_connections = 512;
  // Told of every safety event by POST; empty: nobody. http://host[:port]/path or https.
  std::string webhook_url;
  // Its content signs what is sent (HMAC-SHA256). Empty: unsigned.
  std::filesystem::path webhook_secret_file;
};

}  // namespace hintd::dashboard
