// The program's log: an event's name, then key=value with units in the key.
//   log_info("plan_reverted", {{"template", id}, {"ratio", 1.33}});
//   -> 2026-01-02 03:04:05.678 info plan_reverted template=9f3ac1 ratio=1.33
// Before log_to_files() nothing is written. Thread-safe. The one process-wide object of the house:
// a log that had to be handed through every constructor would be used less.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string_view>
#include <variant>

#include "core/result.h"

namespace hintd {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
// kJson: {"time": "2026-01-02T03:04:05.678Z", "level": "info", "event": "plan_reverted", ...}, the
// fields beside them.
enum class LogFormat { kText, kJson };

struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, std::int64_t v) : key(k), value(v) {}
  LogField(std::string_view k, int v) : key(k), value(std::int64_t{v}) {}
  LogField(std::string_view k, std::size_t v) : key(k), value(static_cast<std::int64_t>(v)) {}

  std::string_view key;
  std::variant<std::string_view, double, std::int64_t> value;
};
using LogFields = std::initializer_list<LogField>;

// Everything from `level` up goes to directory/optimizer.log, warnings and errors also to
// directory/errors.log; both rotate at 10 MiB, five files kept. kUnavailable when a file cannot be
// opened. Calling it again moves the log.
Status log_to_files(const std::filesystem::path& directory, LogLevel level,
                    LogFormat format = LogFormat::kText);
// From the next event on; of no effect before log_to_files().
void set_log_level(LogLevel level);
// Writes what is buffered.
void flush_log();

void log_event(LogLevel level, std::string_view event, LogFields fields);
inline void log_debug(std::string_view event, LogFields fields = {}) {
  log_event(LogLevel::kDebug, event, fields);
}
inline void log_info(std::string_view event, LogFields fields = {}) {
  log_event(LogLevel::kInfo, event, fields);
}
inline void log_warning(std::string_view event, LogFields fields = {}) {
  log_event(LogLevel::kWarning, event, fields);
}
inline void log_error(std::string_view event, LogFields fields = {}) {
  log_event(LogLevel::kError, event, fields);
}

}  // namespace hintd
