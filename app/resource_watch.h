// Looks at host and server now and then, and says whether hintd may work beside the traffic.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/event.h"
#include "database/postgres/connection.h"
#include "safety/resource_limits.h"

namespace hintd::app {

// Not thread-safe.
class ResourceWatch {
 public:
  // `folder` lies on the disk that is watched, `dsn` names the server. The sink must outlive it.
  ResourceWatch(const safety::SafetyConfig& config, const std::filesystem::path& folder,
                std::string dsn, const Clock& clock, EventSink& events);

  // A reading, unless the last one is less than five seconds old. Each limit that is passed, and
  // the end of it, is told to telemetry ("resource_limit").
  void look();

  bool may_explore() const { return limits_.may_explore(); }
  bool may_learn() const { return limits_.may_learn(); }

 private:
  std::optional<double> connections();

  safety::HostMonitor host_;
  safety::ResourceLimits limits_;
  std::string dsn_;
  const Clock& clock_;
  EventSink& events_;
  std::optional<database::Connection> connection_;
  std::optional<Stopwatch> since_last_;
};

}  // namespace hintd::app
