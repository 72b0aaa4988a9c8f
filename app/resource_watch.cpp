#include "app/resource_watch.h"

#include "core/log.h"
#include "database/postgres/server_state.h"

namespace hintd::app {
namespace {

constexpr Seconds kEvery{5};

}  // namespace

ResourceWatch::ResourceWatch(const safety::SafetyConfig& config,
                             const std::filesystem::path& folder, std::string dsn,
                             const Clock& clock, EventSink& events)
    : host_(folder), limits_(config), dsn_(std::move(dsn)), clock_(clock), events_(events) {}

std::optional<double> ResourceWatch::connections() {
  if (!connection_ || !connection_->is_open()) {
    connection_.reset();
    auto opened = database::Connection::open({dsn_});
    if (!opened) return std::nullopt;
    connection_.emplace(std::move(*opened));
  }
  const auto share = database::connections_in_use(*connection_);
  return share ? std::optional(*share) : std::nullopt;
}

void ResourceWatch::look() {
  if (since_last_ && since_last_->elapsed() < kEvery) return;
  since_last_ = Stopwatch();
  auto reading = host_.read();
  reading.connections = connections();
  const bool could = limits_.may_explore();
  limits_.update(reading);
  if (could == limits_.may_explore()) return;
  const auto what = could ? limits_.why() : std::string("below every limit again");
  events_.record(SafetyEvent{clock_.now(), "resource_limit", 0, what});
  log_warning("resource_limit", {{"what", what}});
}

}  // namespace hintd::app
