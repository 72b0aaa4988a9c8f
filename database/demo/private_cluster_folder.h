// Folders that the server's user can use and nobody else.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"
#include "database/demo/private_cluster_process.h"

namespace hintd::database {

// Makes the folder (and those above it) when missing and gives it to the user, closed to others.
// kConflict when it is no folder, belongs to a third user, or holds anything but the names in
// `expected` (separated by spaces); kUnavailable or kExhausted when it cannot be made.
Status make_private_folder(const std::filesystem::path& folder, const ServerUser& user,
                           const std::string& expected);

// Whether the user can write there: a folder above it may be closed.
bool can_write(const ServerUser& user, const std::filesystem::path& folder);

// parent/hintd-<uid>-<hash of the path>: short, and the same for the same path.
std::filesystem::path stand_in_for(const std::filesystem::path& folder,
                                   const std::filesystem::path& parent);

// Held by one process at a time; lets go when destroyed.
class FolderLock {
 public:
  static Result<FolderLock> wait_for(const std::filesystem::path& file);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

}  // namespace hintd::database
