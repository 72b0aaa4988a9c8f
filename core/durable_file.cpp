#include "core/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace hintd {
namespace {

tl::unexpected<Error> not_written(const std::filesystem::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail(full ? ErrorKind::kExhausted : ErrorKind::kUnavailable,
              "cannot write " + path.string() + ": " + std::strerror(error),
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

bool write_synced(const std::filesystem::path& path, std::string_view bytes, int flags) {
  const File file(path, O_WRONLY | O_CREAT | flags);
  return file.is_open() && file.write_all(bytes) && file.sync();
}

// So that the rename itself survives a power cut.
bool sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.parent_path();
  const File file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  return file.is_open() && file.sync();
}

}  // namespace

Status replace_file(const std::filesystem::path& path, std::string_view bytes) {
  auto partial = path;
  partial += ".partial";
  const bool replaced = write_synced(partial, bytes, O_TRUNC) &&
                        ::rename(partial.c_str(), path.c_str()) == 0 && sync_folder_of(path);
  if (replaced) return {};
  const int error = errno;
  ::unlink(partial.c_str());
  return not_written(path, error);
}

Status append_line(const std::filesystem::path& path, std::string_view line) {
  if (write_synced(path, std::string(line) + '\n', O_APPEND) && sync_folder_of(path)) return {};
  return not_written(path, errno);
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorKind::kNotFound, "cannot read " + path.string(), "check the path");
  // At once; and then what is more, of a file that grows or tells no size.
  std::error_code no_size;
  const auto size = std::filesystem::file_size(path, no_size);
  std::string content(no_size ? 0 : size, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(in.gcount()));
  content.append(std::istreambuf_iterator<char>(in), {});
  return content;
}

Result<std::filesystem::path> set_aside(const std::filesystem::path& path,
                                        std::string_view suffix) {
  const auto name = path.string() + std::string(suffix);
  std::filesystem::path free = name;
  for (int i = 2; std::filesystem::exists(free); ++i) free = name + "-" + std::to_string(i);
  std::error_code error;
  std::filesystem::rename(path, free, error);
  if (!error) return free;
  return fail(ErrorKind::kUnavailable, "cannot set " + path.string() + " aside: " + error.message(),
              "check that its folder is writable");
}

Result<FileLock> FileLock::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return not_written(path, errno);
  return FileLock(descriptor);
}

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
  HINTD_TRY(auto lock, open(path));
  while (::flock(lock.descriptor_, LOCK_EX) != 0)
    if (errno != EINTR) return not_written(path, errno);
  return lock;
}

Result<FileLock> FileLock::try_take(const std::filesystem::path& path) {
  HINTD_TRY(auto lock, open(path));
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0) return lock;
  return fail(ErrorKind::kConflict, path.string() + " is held by another process", "wait for it");
}

bool FileLock::is_held(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  const auto lock = try_take(path);
  return !lock && lock.error().kind == ErrorKind::kConflict;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace hintd
