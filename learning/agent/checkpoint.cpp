#include "learning/agent/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "learning/agent/checkpoint_codec.h"

namespace hintd::learning {
namespace {

tl::unexpected<Error> not_written(const std::filesystem::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail(full ? ErrorKind::kExhausted : ErrorKind::kUnavailable,
              "checkpoint " + path.string() + " cannot be written: " + std::strerror(error),
              full ? "free some disk space" : "check that its folder exists and is writable");
}

// Owns an open file.
class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  bool sync() const { return ::fsync(descriptor_) == 0; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

bool write_synced(const std::filesystem::path& path, std::string_view bytes) {
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  return file.is_open() && file.write_all(bytes) && file.sync();
}

// So that the rename itself survives a power cut.
bool sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.parent_path();
  const File file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  return file.is_open() && file.sync();
}

}  // namespace

Status write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  auto partial = path;
  partial += ".partial";
  const bool replaced = write_synced(partial, encode(checkpoint)) &&
                        ::rename(partial.c_str(), path.c_str()) == 0 && sync_folder_of(path);
  if (replaced) return {};
  const int error = errno;
  ::unlink(partial.c_str());
  return not_written(path, error);
}

Result<Checkpoint> read_checkpoint(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  if (!file || !(bytes << file.rdbuf())) {
    return fail(ErrorKind::kNotFound, "checkpoint " + path.string() + " cannot be read",
                "check the path, or begin without it");
  }
  return decode(bytes.view(), path.string());
}

}  // namespace hintd::learning
