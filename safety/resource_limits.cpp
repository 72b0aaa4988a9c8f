#include "safety/resource_limits.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace hintd::safety {
namespace {

std::string over(const char* what, std::optional<double> used, double limit) {
  if (!used || *used <= limit) return {};
  char text[80];
  std::snprintf(text, sizeof text, "%s %.2f of at most %.2f", what, *used, limit);
  return text;
}

std::optional<double> memory_share() {
  std::ifstream in("/proc/meminfo");
  double total = 0;
  double available = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string name;
    double kilobytes = 0;
    fields >> name >> kilobytes;
    if (name == "MemTotal:") total = kilobytes;
    if (name == "MemAvailable:") available = kilobytes;
  }
  if (total <= 0) return std::nullopt;
  return 1 - available / total;
}

}  // namespace

ResourceReading HostMonitor::read() {
  ResourceReading reading;
  reading.memory = memory_share();
  std::error_code error;
  if (const auto space = std::filesystem::space(folder_, error); !error)
    reading.free_disk_mb = static_cast<double>(space.available) / (1 << 20);

  // user nice system idle iowait irq softirq steal, in ticks since the start.
  std::ifstream in("/proc/stat");
  std::string name;
  in >> name;
  std::uint64_t ticks = 0;
  std::uint64_t total = 0;
  std::uint64_t idle = 0;
  for (int field = 0; field < 8 && in >> ticks; ++field) {
    total += ticks;
    if (field == 3 || field == 4) idle += ticks;
  }
  if (total_ > 0 && total > total_)
    reading.cpu = static_cast<double>(total - idle - busy_) / static_cast<double>(total - total_);
  busy_ = total - idle;
  total_ = total;
  return reading;
}

void ResourceLimits::update(const ResourceReading& reading) {
  why_ = over("cpu", reading.cpu, config_.max_cpu);
  if (why_.empty()) why_ = over("memory", reading.memory, config_.max_memory);
  if (why_.empty()) why_ = over("connections", reading.connections, config_.max_connections);
  if (why_.empty() && reading.free_disk_mb && *reading.free_disk_mb < config_.min_free_disk_mb)
    why_ = "free disk " + std::to_string(static_cast<int>(*reading.free_disk_mb)) +
           " MB of at least " + std::to_string(static_cast<int>(config_.min_free_disk_mb)) + " MB";
  steps_ = std::clamp(steps_ + (why_.empty() ? -1 : 1), 0, 2);
}

}  // namespace hintd::safety
