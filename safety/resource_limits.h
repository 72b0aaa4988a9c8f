// Keeps hintd out of the way of a busy host and server: over a limit exploring stops first, then
// learning, never serving.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/result.h"
#include "safety/safety_config.h"

namespace hintd::safety {

// Shares are 0..1; what could not be read is empty and holds nothing back.
struct ResourceReading {
  std::optional<double> cpu;          // busy part of the host's processors since the last reading
  std::optional<double> memory;       // used part of the host's memory
  std::optional<double> connections;  // used part of the server's max_connections
  std::optional<double> free_disk_mb;
};

// Reads the host through /proc and the file system. Not thread-safe: it keeps the last counts.
class HostMonitor {
 public:
  // `folder` lies on the disk that is watched.
  explicit HostMonitor(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ResourceReading read();

 private:
  std::filesystem::path folder_;
  std::uint64_t busy_ = 0;
  std::uint64_t total_ = 0;
};

class ResourceLimits {
 public:
  explicit ResourceLimits(const SafetyConfig& config) : config_(config) {}

  // One reading, taken every few seconds. The first over a limit stops exploring, the second in a
  // row learning too; each that is below gives one step back.
  void update(const ResourceReading& reading);

  bool may_explore() const { return steps_ == 0; }
  bool may_learn() const { return steps_ < 2; }
  // The limit that was passed, e.g. "cpu 0.93 of at most 0.80"; empty when none was.
  const std::string& why() const { return why_; }

 private:
  SafetyConfig config_;
  int steps_ = 0;
  std::string why_;
};

}  // namespace hintd::safety
