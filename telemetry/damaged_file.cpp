#include "telemetry/damaged_file.h"

#include "telemetry/database.h"
#include "telemetry/schema.h"

namespace hintd::telemetry {
namespace {

std::filesystem::path with(const std::filesystem::path& path, const std::string& suffix) {
  return path.string() + suffix;
}

std::filesystem::path free_name(const std::filesystem::path& path) {
  auto name = with(path, ".damaged");
  for (int i = 2; std::filesystem::exists(name); ++i)
    name = with(path, ".damaged-" + std::to_string(i));
  return name;
}

}  // namespace

Result<std::filesystem::path> set_aside(const std::filesystem::path& path) {
  auto name = free_name(path);
  std::error_code error;
  std::filesystem::rename(path, name, error);
  if (error)
    return fail(ErrorKind::kUnavailable,
                "cannot set " + path.string() + " aside: " + error.message(),
                "check that its folder is writable");
  // The log belongs to the file; the shared memory to nobody any more.
  std::filesystem::rename(with(path, "-wal"), with(name, "-wal"), error);
  std::filesystem::remove(with(path, "-shm"), error);
  return name;
}

Result<std::optional<std::filesystem::path>> set_aside_if_damaged(
    const std::filesystem::path& path) {
  const auto usable = [&]() -> Status {
    HINTD_TRY(auto database, Database::open(path, Database::Access::kReadOnly));
    return check_schema(database);
  }();
  if (usable || usable.error().kind != ErrorKind::kCorrupt)
    return std::optional<std::filesystem::path>();
  HINTD_TRY(auto name, set_aside(path));
  return std::optional(std::move(name));
}

}  // namespace hintd::telemetry
