#include "telemetry/query_cache.h"

#include <algorithm>

namespace hintd::telemetry {

Result<std::string> QueryCache::get(const std::string& key, const std::vector<std::string>& tables,
                                    const std::function<Result<std::string>()>& make) {
  std::int64_t changes = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* answer = find(key)) {
      ++counts_.hits;
      return *answer;
    }
    ++counts_.misses;
    changes = changes_of(tables);
  }
  HINTD_TRY(auto answer, make());
  const std::lock_guard lock(mutex_);
  if (changes_of(tables) == changes) keep({key, answer, tables, clock_.now()});
  return answer;
}

void QueryCache::invalidate(const std::string& table) {
  const std::lock_guard lock(mutex_);
  ++changes_[table];
  for (auto it = entries_.begin(); it != entries_.end();) {
    const auto entry = it++;
    if (std::ranges::find(entry->tables, table) == entry->tables.end()) continue;
    ++counts_.invalidated;
    forget(entry);
  }
}

QueryCacheCounts QueryCache::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

const std::string* QueryCache::find(const std::string& key) {
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return nullptr;
  const auto entry = known->second;
  const auto age = clock_.now() - entry->made;
  if (age >= config_.ttl || age < Millis::zero()) {
    forget(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return &entry->answer;
}

std::int64_t QueryCache::changes_of(const std::vector<std::string>& tables) const {
  std::int64_t sum = 0;
  for (const auto& table : tables)
    if (const auto known = changes_.find(table); known != changes_.end()) sum += known->second;
  return sum;
}

void QueryCache::keep(Entry entry) {
  if (config_.ttl.count() == 0 || entry.bytes() > config_.max_bytes) return;
  if (const auto known = by_key_.find(entry.key); known != by_key_.end()) forget(known->second);
  counts_.bytes += entry.bytes();
  entries_.push_front(std::move(entry));
  by_key_[entries_.front().key] = entries_.begin();
  while (counts_.bytes > config_.max_bytes) {
    ++counts_.evicted;
    forget(std::prev(entries_.end()));
  }
}

void QueryCache::forget(Entries::iterator entry) {
  counts_.bytes -= entry->bytes();
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace hintd::telemetry
