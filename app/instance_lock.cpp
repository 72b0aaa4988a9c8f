#include "app/instance_lock.h"

#include <unistd.h>

#include <fstream>

namespace hintd::app {
namespace {

std::filesystem::path lock_file(const std::filesystem::path& data_dir) {
  return data_dir / "hintd.lock";
}

}  // namespace

Result<InstanceLock> InstanceLock::take(const std::filesystem::path& data_dir) {
  const auto file = lock_file(data_dir);
  auto lock = FileLock::try_take(file);
  if (!lock && lock.error().kind == ErrorKind::kConflict)
    return fail(ErrorKind::kConflict, "another hintd serves with " + data_dir.string(),
                "stop it, or choose another folder with --data-dir");
  if (!lock)
    return fail(ErrorKind::kUnavailable, "cannot write " + file.string(),
                "choose another folder with --data-dir");
  std::ofstream text(file, std::ios::trunc);
  if (!(text << getpid() << std::endl))
    return fail(ErrorKind::kExhausted, "cannot write " + file.string(), "free space on the disk");
  return InstanceLock(std::move(*lock));
}

std::optional<pid_t> InstanceLock::holder(const std::filesystem::path& data_dir) {
  if (!FileLock::is_held(lock_file(data_dir))) return std::nullopt;
  pid_t pid = 0;
  std::ifstream(lock_file(data_dir)) >> pid;
  return pid > 1 ? std::optional(pid) : std::nullopt;
}

}  // namespace hintd::app
