#include "app/web_front.h"

namespace hintd::app {

Result<std::unique_ptr<WebFront>> WebFront::start(House& house, const StatementSamples& samples,
                                                  const std::filesystem::path& folder,
                                                  const std::string& dsn, const Clock& clock,
                                                  HouseSwitches switches, Progress& progress) {
  const auto& settings = house.settings();
  if (settings.dashboard.http == "off") return std::unique_ptr<WebFront>();
  std::unique_ptr<WebFront> front(new WebFront(
      std::make_unique<HouseOperations>(house, samples, folder, dsn, clock, std::move(switches))));
  HINTD_TRY(front->server_,
            dashboard::WebServer::start({settings.dashboard, settings.telemetry.path, folder,
                                         settings.telemetry.report_cache},
                                        front->operations_.get()));
  progress.say("dashboard: " + front->server_->address() + " (changes need the token in " +
               front->server_->token_file().string() + ")");
  return front;
}

}  // namespace hintd::app
