// One hintd serves with a data folder: a lock file in it, which also tells where to send signals.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "core/durable_file.h"
#include "core/result.h"

namespace hintd::app {

// Held until destroyed; a killed process lets go of it too.
class InstanceLock {
 public:
  // kConflict when another process holds it, kUnavailable when the folder cannot be written.
  static Result<InstanceLock> take(const std::filesystem::path& data_dir);
  // The process that holds it, if there is one.
  static std::optional<pid_t> holder(const std::filesystem::path& data_dir);

 private:
  explicit InstanceLock(FileLock lock) : lock_(std::move(lock)) {}
  FileLock lock_;
};

}  // namespace hintd::app
