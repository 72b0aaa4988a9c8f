// The dashboard: the page, the API, server-sent events, metrics and health, on one address.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/operations.h"
#include "core/result.h"
#include "dashboard/dashboard_config.h"
#include "telemetry/telemetry_config.h"

namespace hintd::dashboard {

class WebServer {
 public:
  struct Options {
    DashboardConfig config;
    std::filesystem::path telemetry;  // the file
    std::filesystem::path data_dir;   // where the token is kept, unless the config says otherwise
    telemetry::QueryCacheConfig report_cache = {};
  };
  // Serves until destroyed. `operations` may be null: the telemetry is looked at, nothing can be
  // changed; else it must outlive the server. kInvalidInput for settings that cannot be, or that
  // would open it to the network without TLS; kConflict for a port in use; else as Reader::open.
  static Result<std::unique_ptr<WebServer>> start(const Options& options, Operations* operations);
  ~WebServer();

  // "http://127.0.0.1:8080"
  std::string address() const;
  std::filesystem::path token_file() const;

 private:
  struct Impl;
  explicit WebServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hintd::dashboard
