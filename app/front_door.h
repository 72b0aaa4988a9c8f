// Users' statements as an application sends them, through a proxy in this process: plain text over
// a socket, where the proxy decides by the policy in force. Each statement is sent to the server
// itself, too, one after the other and in turn first, so that what the proxy wins and costs is
// seen.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/wiring.h"
#include "database/postgres/connection.h"
#include "proxy/proxy.h"

namespace hintd::app {

class FrontDoor {
 public:
  // The house must outlive it. The proxy listens on a unix socket in a folder that nobody but this
  // user can enter. Fails as the proxy and the server do.
  static Result<std::unique_ptr<FrontDoor>> open(House& house, const Governance& governance,
                                                 const std::string& dsn, const Clock& clock);
  ~FrontDoor();

  // Runs the statement both ways. Fails as it does.
  Status serve(const std::string& sql);

  struct Summary {
    int statements = 0;
    int different = 0;  // answered by other rows than the server's own
    Millis direct{0};   // sums
    Millis proxied{0};
    double median_ratio = 1;   // proxied / direct
    std::int64_t hinted = 0;   // statements
    std::int64_t waited = 0;   // hedged, and the default was fast enough
    std::int64_t stopped = 0;  // hinted, and run again under the default
  };
  Summary summary() const;

 private:
  FrontDoor() = default;
  static Result<std::filesystem::path> private_folder();

  Governance governance_;
  std::filesystem::path folder_;
  std::unique_ptr<proxy::Proxy> proxy_;
  std::optional<database::Connection> direct_;
  std::optional<database::Connection> front_;
  Summary so_far_;
  std::vector<double> ratios_;
};

}  // namespace hintd::app
