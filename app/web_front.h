// The dashboard of a command that runs: started where the settings want it, told where it is.
#pragma once

#include <memory>
#include <string>

#include "app/house_operations.h"
#include "app/progress.h"
#include "dashboard/web_server.h"

namespace hintd::app {

class WebFront {
 public:
  // Serves until destroyed; null where dashboard.http is "off". The house, the samples and the
  // clock must outlive it; `folder` is where the command keeps its files. Says its address. Fails
  // as WebServer::start.
  static Result<std::unique_ptr<WebFront>> start(House& house, const StatementSamples& samples,
                                                 const std::filesystem::path& folder,
                                                 const std::string& dsn, const Clock& clock,
                                                 HouseSwitches switches, Progress& progress);

 private:
  explicit WebFront(std::unique_ptr<HouseOperations> operations)
      : operations_(std::move(operations)) {}

  std::unique_ptr<HouseOperations> operations_;
  std::unique_ptr<dashboard::WebServer> server_;
};

}  // namespace hintd::app
