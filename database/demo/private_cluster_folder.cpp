#include "database/demo/private_cluster_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "core/rng.h"

namespace hintd::database {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> no_folder(const fs::path& folder, const std::error_code& error) {
  const auto kind =
      error == std::errc::no_space_on_device ? ErrorKind::kExhausted : ErrorKind::kUnavailable;
  return fail(kind, "cannot make " + folder.string() + ": " + error.message(),
              "choose a folder that can be written to");
}

Status check_contents(const fs::path& folder, const std::string& expected) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if ((" " + expected + " ").find(" " + name + " ") == std::string::npos)
      return fail(ErrorKind::kConflict,
                  folder.string() + " holds " + name + ", which is not of a private cluster",
                  "choose an empty folder");
  }
  if (error)
    return fail(ErrorKind::kConflict, "cannot read " + folder.string() + ": " + error.message(),
                "choose a folder of your own");
  return {};
}

}  // namespace

Status make_private_folder(const fs::path& folder, const ServerUser& user,
                           const std::string& expected) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return no_folder(folder, error);
  struct stat found {};
  const bool known = lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
  if (!known || (found.st_uid != geteuid() && found.st_uid != user.uid))
    return fail(ErrorKind::kConflict, folder.string() + " belongs to another user or is a link",
                "choose a folder of your own");
  HINTD_TRY_STATUS(check_contents(folder, expected));
  if (lchown(folder.c_str(), user.uid, user.gid) != 0 || chmod(folder.c_str(), S_IRWXU) != 0)
    return no_folder(folder, std::error_code(errno, std::generic_category()));
  return {};
}

bool can_write(const ServerUser& user, const fs::path& folder) {
  const auto tested = run_as(user, {"/usr/bin/test", "-w", folder.string()});
  return tested && tested->status == 0;
}

fs::path stand_in_for(const fs::path& folder, const fs::path& parent) {
  char name[64];
  std::snprintf(name, sizeof name, "hintd-%u-%016llx", static_cast<unsigned>(geteuid()),
                static_cast<unsigned long long>(stable_hash(folder.string())));
  return parent / name;
}

Result<FolderLock> FolderLock::wait_for(const fs::path& file) {
  const int opened = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (opened < 0) return no_folder(file, std::error_code(errno, std::generic_category()));
  while (flock(opened, LOCK_EX) != 0 && errno == EINTR) {
  }
  return FolderLock(opened);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace hintd::database
