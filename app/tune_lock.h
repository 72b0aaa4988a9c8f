// One `hintd tune` at a time writes into a folder.
#pragma once

#include <filesystem>

#include "core/durable_file.h"

namespace hintd::app {

// kConflict while another one tunes into the folder.
inline Result<FileLock> lock_for_tuning(const std::filesystem::path& folder) {
  auto lock = FileLock::try_take(folder / "tune.lock");
  if (lock || lock.error().kind != ErrorKind::kConflict) return lock;
  return fail(ErrorKind::kConflict, "another hintd tunes into " + folder.string(),
              "wait for it, or choose another folder with --out");
}

inline bool is_tuned_into(const std::filesystem::path& folder) {
  return FileLock::is_held(folder / "tune.lock");
}

}  // namespace hintd::app
