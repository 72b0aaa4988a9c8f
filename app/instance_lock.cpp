#include "app/instance_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <utility>

namespace hintd::app {
namespace {

std::filesystem::path lock_file(const std::filesystem::path& data_dir) {
  return data_dir / "hintd.lock";
}

}  // namespace

Result<InstanceLock> InstanceLock::take(const std::filesystem::path& data_dir) {
  const auto file = lock_file(data_dir);
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return fail(ErrorKind::kUnavailable, "cannot write " + file.string(),
                "choose another folder with --data-dir");
  InstanceLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorKind::kConflict, "another hintd serves with " + data_dir.string(),
                "stop it, or choose another folder with --data-dir");
  const auto text = std::to_string(getpid()) + "\n";
  if (ftruncate(descriptor, 0) != 0 ||
      write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail(ErrorKind::kExhausted, "cannot write " + file.string(), "free space on the disk");
  return lock;
}

std::optional<pid_t> InstanceLock::holder(const std::filesystem::path& data_dir) {
  const int descriptor = open(lock_file(data_dir).c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  const InstanceLock probe(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return std::nullopt;
  pid_t pid = 0;
  std::ifstream(lock_file(data_dir)) >> pid;
  return pid > 1 ? std::optional(pid) : std::nullopt;
}

InstanceLock::InstanceLock(InstanceLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

InstanceLock::~InstanceLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace hintd::app
