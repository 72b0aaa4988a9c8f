// hintd telemetry: care for the file that keeps what happened.
#pragma once

#include <filesystem>
#include <string>

#include "app/commands.h"

namespace hintd::app {

struct TelemetryCommand {
  std::string action;          // stats, check, cleanup, ... (kTelemetryActions)
  std::filesystem::path out;   // folder of the file; empty: data_dir/demo
  std::filesystem::path file;  // verify, restore: the backup; empty: the newest
  bool whole = false;          // vacuum: rebuild the file
};
int telemetry_action(const CommonOptions& common, const TelemetryCommand& command);

struct TelemetryAction {
  const char* name;
  const char* help;
};
inline constexpr TelemetryAction kTelemetryActions[] = {
    {"stats", "size, what takes it, how much is unused"},
    {"check", "whether the file is sound"},
    {"cleanup", "sum up what is new, delete what is older than the retention"},
    {"vacuum", "give unused space back"},
    {"backup", "make a backup, verify it, prune old ones; hintd may be serving"},
    {"list", "every backup"},
    {"verify", "restore a backup into a scratch file and check that"},
    {"restore", "put a backup in the file's place; what stood there is kept beside it"},
    {"prune", "delete backups that telemetry.backup.keep_* do not keep"},
    {"timer", "print cron line and systemd timer for backups made outside the daemon"}};

}  // namespace hintd::app
