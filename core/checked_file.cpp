#include "core/checked_file.h"

#include <algorithm>

#include "core/durable_file.h"
#include "core/query_template.h"
#include "core/rng.h"

namespace hintd {
namespace {

std::string begin_of_head(const FileFormat& format) {
  return std::string(format.kind) + ", format ";
}

std::string head_of(const FileFormat& format, std::string_view content) {
  return begin_of_head(format) + std::to_string(format.version) + ", checksum " +
         fingerprint_text(stable_hash(content)) + "\n";
}

}  // namespace

tl::unexpected<Error> unusable_file(const std::filesystem::path& path, const FileFormat& format,
                                    std::string_view why) {
  return fail(ErrorKind::kCorrupt,
              path.string() + " " + std::string(format.unusable) + ": " + std::string(why),
              std::string(format.remedy));
}

Status replace_checked_file(const std::filesystem::path& path, const FileFormat& format,
                            std::string_view content) {
  return replace_file(path, head_of(format, content).append(content));
}

Result<std::string> read_checked_file(const std::filesystem::path& path, const FileFormat& format) {
  HINTD_TRY(auto text, read_file(path));
  const auto begin = begin_of_head(format);
  if (!text.starts_with(begin)) return unusable_file(path, format, "another kind of file");
  const auto version = std::to_string(format.version) + ",";
  if (text.compare(begin.size(), version.size(), version) != 0)
    return unusable_file(path, format, "written by another version of hintd, or cut short");
  const auto head_size = std::min(text.find('\n'), text.size() - 1) + 1;
  const auto content = std::string_view(text).substr(head_size);
  if (std::string_view(text).substr(0, head_size) != head_of(format, content))
    return unusable_file(path, format, "its checksum does not fit its content");
  text.erase(0, head_size);
  return text;
}

}  // namespace hintd
