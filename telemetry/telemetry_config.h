#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>

namespace hintd::telemetry {

struct TelemetryConfig {
  // Where events are kept. Default telemetry.sqlite in the working directory.
  std::filesystem::path path = "telemetry.sqlite";

  // Events a transaction, at most. Default 8192, 1 to 1000000.
  std::size_t batch_size = 8192;

  // Events that wait for the writer, at most; what comes beyond is dropped and counted. An event
  // takes about 200 bytes, and twice this many may be held. Default 65536, 1 to 10000000.
  std::size_t queue_capacity = 65536;

  // How long an event waits for others to share its transaction, and how long the writer waits
  // before it tries a refused batch again. Default 200 ms, 1 to 60000.
  std::chrono::milliseconds flush_interval{200};

  // Runs that began longer than this before a new run's start are deleted when that run starts; 0
  // keeps all. By the events' own time, which may be simulated. Default 30 days, 0 to 36500.
  int retention_days = 30;
};

}  // namespace hintd::telemetry
