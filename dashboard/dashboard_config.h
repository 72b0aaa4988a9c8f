#pragma once

#include <string>

namespace hintd::dashboard {

struct DashboardConfig {
  // Where the page and the API are served, host:port; "off": nowhere. Where it is this default and
  // taken, the next free port is used. Beyond loopback only with a certificate, and then reading
  // needs the token too.
  std::string http = "127.0.0.1:8080";
  // The token that changes need; made at the first start, readable by its owner alone. "none":
  // dashboard.token in the data folder.
  std::string token_file = "none";
  // Further names, with commas between them, under which people reach the page; requests for any
  // other host are refused.
  std::string hosts = "none";
  std::string tls_certificate = "none";  // PEM; "none": no TLS
  std::string tls_key = "none";
  // Show the conditions of plans, which hold literals of users' statements.
  bool show_literals = false;
  // Open connections at a time; the next one is refused. 1 to 10000.
  int max_connections = 512;
  // Told of every safety event by POST; "none": nobody. http://host[:port]/path or https.
  std::string webhook_url = "none";
  // Its content signs what is sent (HMAC-SHA256). "none": unsigned.
  std::string webhook_secret_file = "none";
};

}  // namespace hintd::dashboard
