// A backup as the daemon and the command line make it.
#pragma once

#include <filesystem>

#include "core/clock.h"
#include "core/result.h"
#include "telemetry/backup.h"
#include "telemetry/telemetry_config.h"

namespace hintd::app {

// Beside the telemetry file.
std::filesystem::path backup_folder(const telemetry::TelemetryConfig& config);

// Makes one, prunes the older ones, and hands it to telemetry.backup.command. Fails as
// BackupFolder::make() does, and with kUnavailable when the command does: the backup then stands.
Result<telemetry::Backup> make_backup(const telemetry::TelemetryConfig& config, TimePoint now);

}  // namespace hintd::app
