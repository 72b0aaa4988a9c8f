#include "app/backup_job.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace hintd::app {
namespace {

Status run_command(const std::string& command, const std::filesystem::path& file) {
  const std::string name = file.string();
  const char* words[] = {"sh", "-c", command.c_str(), "sh", name.c_str(), nullptr};
  pid_t child = 0;
  int status = -1;
  if (posix_spawn(&child, "/bin/sh", nullptr, nullptr, const_cast<char**>(words), environ) == 0)
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
  if (status == 0) return {};
  return fail(ErrorKind::kUnavailable,
              "telemetry.backup.command failed for " + name + " with status " +
                  std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : status),
              "run it by hand: sh -c '" + command + "' sh " + name);
}

}  // namespace

std::filesystem::path backup_folder(const telemetry::TelemetryConfig& config) {
  return config.path.parent_path() / "backups";
}

Result<telemetry::Backup> make_backup(const telemetry::TelemetryConfig& config, TimePoint now) {
  telemetry::BackupFolder folder(backup_folder(config), config.backup);
  HINTD_TRY(auto backup, folder.make(config.path, now));
  HINTD_TRY_STATUS(folder.prune());
  if (config.backup.command != "none")
    HINTD_TRY_STATUS(run_command(config.backup.command, backup.file));
  return backup;
}

}  // namespace hintd::app
