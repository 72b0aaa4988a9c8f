#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

namespace hintd::telemetry {

struct BackupConfig {
  // How often the daemon makes one. h, 0 (never) to 8760.
  int every_h = 24;
  // The newest backup of each of so many days, weeks and months is kept. 0 to 1000 each.
  int keep_daily = 7;
  int keep_weekly = 4;
  int keep_monthly = 12;
  // zstd's level, 1 to 19.
  int level = 6;
  // Run by /bin/sh after each backup with the file as $1, to copy it to another machine;
  // "none": nothing is run.
  std::string command = "none";
};

struct QueryCacheConfig {
  // An answer is made anew after this. 0 (nothing is kept) to 3600000 ms.
  std::chrono::milliseconds ttl{5000};
  // Of keys and answers. 0 to 1e10.
  std::size_t max_bytes = 16 << 20;
};

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

  // Statements, training steps and safety events older than this are deleted by the cleanup, and
  // runs that have nothing younger when a new one starts; 0 keeps all. By the events' own time,
  // which may be simulated. Default 30 days, 0 to 36500.
  int retention_days = 30;

  // How long sums over a minute, an hour and a day are kept; 0 keeps all. Days.
  int minute_days = 14;
  int hour_days = 180;
  int day_days = 3650;

  // Keep one statement of each template as it came, its literals among it. Off, what was kept is
  // deleted when the writer opens the file.
  bool keep_samples = false;

  // Of the reports that the dashboard gives.
  QueryCacheConfig report_cache;

  BackupConfig backup;
};

}  // namespace hintd::telemetry
