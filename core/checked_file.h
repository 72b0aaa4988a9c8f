// Files that say in their first line what they are, and carry their content's checksum.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace hintd {

struct FileFormat {
  std::string_view kind;      // without a line break
  int version = 1;            // of the content
  std::string_view unusable;  // for messages: what a file that cannot be used is said to be
  std::string_view remedy;
};

// Errors as replace_file.
Status replace_checked_file(const std::filesystem::path& path, const FileFormat& format,
                            std::string_view content);

// The content. kNotFound without the file; kCorrupt for one that is of another kind or version, or
// was changed.
Result<std::string> read_checked_file(const std::filesystem::path& path, const FileFormat& format);

// The error for a file whose content contradicts itself.
tl::unexpected<Error> unusable_file(const std::filesystem::path& path, const FileFormat& format,
                                    std::string_view why);

}  // namespace hintd
