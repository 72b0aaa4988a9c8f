// Reports of one telemetry file for many readers, kept in a QueryCache: making one takes about a
// second for each million statements.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "telemetry/query_cache.h"
#include "telemetry/reader.h"

namespace hintd::telemetry {

// Thread-safe.
class Reports {
 public:
  // The clock must outlive it. Fails as Reader::open.
  static Result<std::unique_ptr<Reports>> open(const std::filesystem::path& path,
                                               QueryCacheConfig config, const Clock& clock);

  // What `render` makes of the report; `name` tells renderings apart. A kept text may lack the
  // statements of the last `ttl`; any other change of the file, statements that were cleaned up
  // among them, makes it anew. Fails as Reader::open and read_report.
  using Render = std::function<std::string(const Report&)>;
  Result<std::string> get(const std::string& name, Range range, const Render& render);

  QueryCacheCounts counts() const { return cache_.counts(); }

 private:
  Reports(std::filesystem::path path, Database watch, QueryCacheConfig config, const Clock& clock)
      : path_(std::move(path)), cache_(config, clock), watch_(std::move(watch)) {}
  // Forgets what was read from tables that others changed.
  Status follow_changes();

  const std::filesystem::path path_;
  QueryCache cache_;

  std::mutex mutex_;  // of what follows
  Database watch_;
  std::int64_t version_ = -1;  // SQLite's data_version at the last look
  std::map<std::string, std::int64_t> marks_;
};

}  // namespace hintd::telemetry
