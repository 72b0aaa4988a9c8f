// Backups of the telemetry file: copied while it is written to, compressed with zstd, verified by
// restoring before they count. A backup is one file, telemetry-20260102T030405Z.sqlite.zst; zstd's
// own checksum of the content stands at its end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "telemetry/telemetry_config.h"

namespace hintd::telemetry {

struct Backup {
  std::filesystem::path file;
  TimePoint time;  // whole seconds
  std::int64_t bytes = 0;
};

struct Verified {
  std::int64_t bytes = 0;  // of the file as it was
  std::int64_t observations = 0;
  std::int64_t schema_version = 0;
};

class BackupFolder {
 public:
  // Made when the first backup is.
  BackupFolder(std::filesystem::path folder, BackupConfig config)
      : folder_(std::move(folder)), config_(config) {}

  // Copies, compresses, verifies. What fails leaves no file. kNotFound without a store, kConflict
  // for a second one within a second, kExhausted when the disk is full.
  Result<Backup> make(const std::filesystem::path& store, TimePoint now);

  // Oldest first. None where there is no folder.
  std::vector<Backup> list() const;

  // Deletes those that no rule of the configuration keeps; the newest always stays. Answers them.
  Result<std::vector<Backup>> prune();

 private:
  std::filesystem::path folder_;
  BackupConfig config_;
};

// Restores into a scratch file beside the backup and checks that. kCorrupt when it is damaged.
Result<Verified> verify_backup(const std::filesystem::path& backup);

struct Restored {
  Verified content;
  std::filesystem::path safety_copy;  // what stood there before; empty: nothing did
};

// Puts the backup in the store's place; what stood there is kept beside it. Nothing may be writing
// there. Verified first: a damaged backup changes nothing.
Result<Restored> restore_backup(const std::filesystem::path& backup,
                                const std::filesystem::path& store, TimePoint now);

// Those of `times` (ascending) that are kept: the newest of each of the last `keep_daily` days that
// have one, of weeks (from Monday) and months likewise; and the newest. UTC.
std::vector<TimePoint> kept_times(const std::vector<TimePoint>& times, const BackupConfig& config);

}  // namespace hintd::telemetry
