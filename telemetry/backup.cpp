#include "telemetry/backup.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <set>

#include "telemetry/compression.h"
#include "telemetry/database.h"
#include "telemetry/maintenance.h"
#include "telemetry/schema.h"

namespace hintd::telemetry {
namespace {

constexpr const char* kPrefix = "telemetry-";
constexpr const char* kSuffix = ".sqlite.zst";

std::string stamp_of(TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  char text[32];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02ld%02ld%02ldZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<long>(clock.hours().count()),
                static_cast<long>(clock.minutes().count()),
                static_cast<long>(clock.seconds().count()));
  return text;
}

std::optional<TimePoint> time_of(const std::string& file_name) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (std::sscanf(file_name.c_str(), "telemetry-%4d%2u%2uT%2d%2d%2dZ", &year, &month, &day, &hour,
                  &minute, &second) != 6)
    return std::nullopt;
  const auto date = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
  const TimePoint time = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                         std::chrono::minutes(minute) + std::chrono::seconds(second);
  if (kPrefix + stamp_of(time) + kSuffix != file_name) return std::nullopt;
  return time;
}

// Gone at the end of its scope, with what SQLite puts beside it.
class Scratch {
 public:
  explicit Scratch(std::filesystem::path file) : file_(std::move(file)) { remove(); }
  ~Scratch() { remove(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& file() const { return file_; }

 private:
  void remove() const {
    std::error_code ignored;
    for (const auto* beside : {"", "-wal", "-shm", "-journal"})
      std::filesystem::remove(file_.string() + beside, ignored);
  }
  std::filesystem::path file_;
};

std::filesystem::path beside(const std::filesystem::path& file, const char* suffix) {
  return file.string() + suffix;
}

// Unpacks the backup and looks into it.
Result<Verified> unpack(const std::filesystem::path& backup, const std::filesystem::path& to) {
  HINTD_TRY_STATUS(decompress_file(backup, to));
  HINTD_TRY(auto database, Database::open(to, Database::Access::kReadWrite));
  HINTD_TRY_STATUS(check_schema(database));
  HINTD_TRY(const auto problems, problems_in(database));
  if (!problems.empty())
    return fail(ErrorKind::kCorrupt, backup.string() + ": " + problems.front(),
                "use another backup");
  Verified verified;
  verified.bytes = static_cast<std::int64_t>(std::filesystem::file_size(to));
  HINTD_TRY(verified.observations, database.integer("SELECT count(*) FROM observations"));
  HINTD_TRY(verified.schema_version, database.integer("PRAGMA user_version"));
  return verified;
}

Status move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (!error) return {};
  return fail(ErrorKind::kUnavailable,
              "cannot move " + from.string() + " to " + to.string() + ": " + error.message(),
              "check that the folder is writable");
}

std::set<TimePoint> newest_of(const std::vector<TimePoint>& times, int periods, auto period_of) {
  std::map<std::int64_t, TimePoint> newest;
  for (const auto time : times) newest[period_of(time)] = time;
  std::set<TimePoint> kept;
  for (auto it = newest.rbegin(); it != newest.rend() && std::ssize(kept) < periods; ++it)
    kept.insert(it->second);
  return kept;
}

std::int64_t day_of(TimePoint time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}
// 1970 began on a Thursday.
std::int64_t week_of(TimePoint time) {
  return (day_of(time) + 3) / 7;
}
std::int64_t month_of(TimePoint time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return 12 * static_cast<int>(date.year()) + static_cast<unsigned>(date.month());
}

}  // namespace

std::vector<TimePoint> kept_times(const std::vector<TimePoint>& times, const BackupConfig& config) {
  if (times.empty()) return {};
  std::set<TimePoint> kept = newest_of(times, config.keep_daily, day_of);
  kept.merge(newest_of(times, config.keep_weekly, week_of));
  kept.merge(newest_of(times, config.keep_monthly, month_of));
  kept.insert(times.back());
  return {kept.begin(), kept.end()};
}

Result<Backup> BackupFolder::make(const std::filesystem::path& store, TimePoint now) {
  Backup backup{folder_ / (kPrefix + stamp_of(now) + kSuffix),
                std::chrono::floor<std::chrono::seconds>(now), 0};
  HINTD_TRY(auto source, Database::open(store, Database::Access::kReadOnly));
  HINTD_TRY_STATUS(check_schema(source));
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error)
    return fail(ErrorKind::kUnavailable,
                "cannot make the folder " + folder_.string() + ": " + error.message(),
                "check that it is writable");
  if (std::filesystem::exists(backup.file))
    return fail(ErrorKind::kConflict, backup.file.string() + " is there already", "wait a second");
  const Scratch packed(beside(backup.file, ".partial"));
  {
    const Scratch copy(folder_ / "copy.partial");
    HINTD_TRY_STATUS(source.copy_to(copy.file()));
    HINTD_TRY_STATUS(compress_file(copy.file(), packed.file(), config_.level));
  }
  HINTD_TRY_STATUS(verify_backup(packed.file()));
  HINTD_TRY_STATUS(move_file(packed.file(), backup.file));
  backup.bytes = static_cast<std::int64_t>(std::filesystem::file_size(backup.file));
  return backup;
}

std::vector<Backup> BackupFolder::list() const {
  std::vector<Backup> backups;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, none))
    if (const auto time = time_of(entry.path().filename().string()))
      backups.push_back({entry.path(), *time, static_cast<std::int64_t>(entry.file_size(none))});
  std::ranges::sort(backups, {}, &Backup::time);
  return backups;
}

Result<std::vector<Backup>> BackupFolder::prune() {
  const auto backups = list();
  std::vector<TimePoint> times;
  for (const auto& backup : backups) times.push_back(backup.time);
  const auto kept = kept_times(times, config_);
  std::vector<Backup> deleted;
  for (const auto& backup : backups) {
    if (std::ranges::binary_search(kept, backup.time)) continue;
    std::error_code error;
    std::filesystem::remove(backup.file, error);
    if (error)
      return fail(ErrorKind::kUnavailable,
                  "cannot delete " + backup.file.string() + ": " + error.message(),
                  "check that its folder is writable");
    deleted.push_back(backup);
  }
  return deleted;
}

Result<Verified> verify_backup(const std::filesystem::path& backup) {
  const Scratch unpacked(beside(backup, ".verify"));
  return unpack(backup, unpacked.file());
}

Result<Restored> restore_backup(const std::filesystem::path& backup,
                                const std::filesystem::path& store, TimePoint now) {
  const Scratch unpacked(beside(store, ".restore"));
  Restored restored;
  HINTD_TRY(restored.content, unpack(backup, unpacked.file()));
  if (std::filesystem::exists(store)) {
    restored.safety_copy = beside(store, (".before-restore-" + stamp_of(now)).c_str());
    // With its log, which may hold what the file does not yet.
    for (const auto* suffix : {"-wal", "-shm", ""})
      if (std::filesystem::exists(beside(store, suffix)))
        HINTD_TRY_STATUS(move_file(beside(store, suffix), beside(restored.safety_copy, suffix)));
  }
  HINTD_TRY_STATUS(move_file(unpacked.file(), store));
  return restored;
}

}  // namespace hintd::telemetry
