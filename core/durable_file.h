// Files that outlive a killed process and a power cut.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace hintd {

// Replaces the file whole or not at all: written beside it, synced, renamed. kExhausted when the
// disk is full, kUnavailable when the file cannot be written; what stood there is then untouched.
Status replace_file(const std::filesystem::path& path, std::string_view bytes);

// Adds a line (a newline is added) and syncs. Errors as replace_file; a part of the line may then
// stand at the end of the file.
Status append_line(const std::filesystem::path& path, std::string_view line);

// kNotFound when it cannot be read.
Result<std::string> read_file(const std::filesystem::path& path);

// Renames a file or folder that cannot be used to a free name beside it ("NAME" + suffix, then
// "NAME" + suffix + "-2", ...), so that nothing is lost. Answers that name; kUnavailable when it
// cannot be renamed.
Result<std::filesystem::path> set_aside(const std::filesystem::path& path, std::string_view suffix);

// Holds a file locked against other processes (flock) until its end; a killed process lets go of it
// too.
class FileLock {
 public:
  // Waits for whoever holds it. kUnavailable when the file cannot be made.
  static Result<FileLock> take(const std::filesystem::path& path);
  // The same without waiting: kConflict when somebody holds it.
  static Result<FileLock> try_take(const std::filesystem::path& path);
  // False where there is no such file.
  static bool is_held(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  static Result<FileLock> open(const std::filesystem::path& path);
  int descriptor_;
};

}  // namespace hintd
