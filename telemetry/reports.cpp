#include "telemetry/reports.h"

#include <utility>

namespace hintd::telemetry {
namespace {

// Tables a report is read from, each with a figure that is another after a change. Of observations
// only deletions change it: traffic brings further ones all the time, which wait for the ttl.
constexpr std::pair<const char*, const char*> kMarks[] = {
    {"runs", "SELECT coalesce(max(id), 0) + coalesce(max(finished), 0) FROM runs"},
    {"phases", "SELECT coalesce(max(id), 0) FROM phases"},
    {"observations", "SELECT coalesce(min(id), 0) FROM observations"},
    {"training_steps", "SELECT coalesce(max(id), 0) FROM training_steps"},
    {"policies", "SELECT coalesce(max(id), 0) FROM policies"},
    {"safety_events", "SELECT coalesce(max(id), 0) FROM safety_events"},
    {"evaluations", "SELECT coalesce(max(id), 0) FROM evaluations"}};

std::vector<std::string> tables() {
  std::vector<std::string> names;
  for (const auto& [table, mark] : kMarks) names.emplace_back(table);
  return names;
}

std::string key_of(const std::string& name, Range range) {
  return name + " range=" + (range ? std::to_string(range->count()) : "all");
}

}  // namespace

Result<std::unique_ptr<Reports>> Reports::open(const std::filesystem::path& path,
                                               QueryCacheConfig config, const Clock& clock) {
  HINTD_TRY_STATUS(Reader::open(path));
  HINTD_TRY(auto watch, Database::open(path, Database::Access::kReadOnly));
  return std::unique_ptr<Reports>(new Reports(path, std::move(watch), config, clock));
}

Result<std::string> Reports::get(const std::string& name, Range range, const Render& render) {
  HINTD_TRY_STATUS(follow_changes());
  return cache_.get(key_of(name, range), tables(), [&]() -> Result<std::string> {
    HINTD_TRY(auto reader, Reader::open(path_));
    HINTD_TRY(const auto report, reader.read_report(range));
    return render(report);
  });
}

Status Reports::follow_changes() {
  const std::lock_guard lock(mutex_);
  HINTD_TRY(const auto version, watch_.integer("PRAGMA data_version"));
  if (version == version_) return {};
  for (const auto& [table, sql] : kMarks) {
    HINTD_TRY(const auto mark, watch_.integer(sql));
    const auto [known, is_new] = marks_.emplace(table, mark);
    if (is_new || known->second == mark) continue;
    known->second = mark;
    cache_.invalidate(table);
  }
  version_ = version;
  return {};
}

}  // namespace hintd::telemetry
