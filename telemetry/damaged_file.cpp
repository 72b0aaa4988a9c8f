#include "telemetry/damaged_file.h"

#include "core/durable_file.h"
#include "telemetry/database.h"
#include "telemetry/schema.h"

namespace hintd::telemetry {
namespace {

std::filesystem::path with(const std::filesystem::path& path, const std::string& suffix) {
  return path.string() + suffix;
}

}  // namespace

Result<std::filesystem::path> set_aside(const std::filesystem::path& path) {
  HINTD_TRY(auto name, hintd::set_aside(path, ".damaged"));
  std::error_code ignored;
  // The log belongs to the file; the shared memory to nobody any more.
  std::filesystem::rename(with(path, "-wal"), with(name, "-wal"), ignored);
  std::filesystem::remove(with(path, "-shm"), ignored);
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
