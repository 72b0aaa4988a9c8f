// Answers of queries, kept for a while: until they are too old, a table they were read from
// changes, or newer ones need the room (the least recently used go first). Thread-safe; answers are
// made outside the lock, and one that a change overtook is handed out but not kept.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "telemetry/telemetry_config.h"

namespace hintd::telemetry {

struct QueryCacheCounts {
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t evicted = 0;      // for want of room
  std::int64_t invalidated = 0;  // by a change
  std::size_t bytes = 0;
};

class QueryCache {
 public:
  // The clock must outlive it.
  QueryCache(QueryCacheConfig config, const Clock& clock) : config_(config), clock_(clock) {}

  // The answer under that key, or make()'s, which is kept unless it fails. `tables` are those that
  // make() reads.
  Result<std::string> get(const std::string& key, const std::vector<std::string>& tables,
                          const std::function<Result<std::string>()>& make);

  // The table has changed: what was read from it is forgotten.
  void invalidate(const std::string& table);

  QueryCacheCounts counts() const;

 private:
  struct Entry {
    std::string key;
    std::string answer;
    std::vector<std::string> tables;
    TimePoint made;
    std::size_t bytes() const { return key.size() + answer.size(); }
  };
  using Entries = std::list<Entry>;

  const std::string* find(const std::string& key);
  std::int64_t changes_of(const std::vector<std::string>& tables) const;
  void keep(Entry entry);
  void forget(Entries::iterator entry);

  const QueryCacheConfig config_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  Entries entries_;  // most recently used first
  std::unordered_map<std::string, Entries::iterator> by_key_;
  std::map<std::string, std::int64_t, std::less<>> changes_;  // of each table
  QueryCacheCounts counts_;
};

}  // namespace hintd::telemetry
