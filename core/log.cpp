#include "core/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>

namespace hintd {
namespace {

constexpr std::size_t kFileBytes = 10 << 20;
constexpr std::size_t kFilesKept = 5;

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::mutex logger_mutex;
std::shared_ptr<spdlog::logger> current;  // shared: a thread may still write while the log moves
std::atomic<int> current_level{spdlog::level::off};
std::atomic<LogFormat> current_format{LogFormat::kText};

std::shared_ptr<spdlog::logger> logger() {
  const std::lock_guard lock(logger_mutex);
  return current;
}

void append(std::string& line, const LogField& field) {
  line += ' ';
  line += field.key;
  line += '=';
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    const bool plain = !text->empty() && text->find_first_of(" \"\n=") == text->npos;
    line += plain ? std::string(*text) : fmt::format("{:?}", std::string(*text));
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    line += fmt::format("{:.6g}", *number);
  } else {
    line += std::to_string(std::get<std::int64_t>(field.value));
  }
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

void append_json(std::string& line, const LogField& field) {
  line += ", " + json_quoted(field.key) + ": ";
  if (const auto* text = std::get_if<std::string_view>(&field.value))
    line += json_quoted(*text);
  else if (const auto* number = std::get_if<double>(&field.value))
    line += std::isfinite(*number) ? fmt::format("{:.6g}", *number) : "null";
  else
    line += std::to_string(std::get<std::int64_t>(field.value));
}

std::string line_of(LogFormat format, std::string_view event, LogFields fields) {
  if (format == LogFormat::kText) {
    std::string line(event);
    for (const auto& field : fields) append(line, field);
    return line;
  }
  std::string line = "\"event\": " + json_quoted(event);
  for (const auto& field : fields) append_json(line, field);
  return line;
}

const char* pattern_of(LogFormat format) {
  return format == LogFormat::kText
             ? "%Y-%m-%d %H:%M:%S.%e %l %v"
             : "{\"time\": \"%Y-%m-%dT%H:%M:%S.%eZ\", \"level\": \"%l\", %v}";
}

}  // namespace

Status log_to_files(const std::filesystem::path& directory, LogLevel level, LogFormat format) {
  try {
    std::filesystem::create_directories(directory);
    using Sink = spdlog::sinks::rotating_file_sink_mt;
    auto all =
        std::make_shared<Sink>((directory / "optimizer.log").string(), kFileBytes, kFilesKept);
    auto errors =
        std::make_shared<Sink>((directory / "errors.log").string(), kFileBytes, kFilesKept);
    errors->set_level(spdlog::level::warn);
    auto made = std::make_shared<spdlog::logger>("hintd", spdlog::sinks_init_list{all, errors});
    made->set_level(spdlog::level::debug);  // log_event() decides
    made->set_pattern(pattern_of(format), spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::warn);
    const std::lock_guard lock(logger_mutex);
    current = std::move(made);
    current_level = spdlog_level(level);
    current_format = format;
    return {};
  } catch (const std::exception& e) {
    return fail(ErrorKind::kUnavailable,
                "cannot write the log in " + directory.string() + ": " + e.what(),
                "choose a folder that can be written");
  }
}

void set_log_level(LogLevel level) {
  const std::lock_guard lock(logger_mutex);
  if (current) current_level = spdlog_level(level);
}

void flush_log() {
  if (const auto log = logger()) log->flush();
}

void log_event(LogLevel level, std::string_view event, LogFields fields) {
  if (spdlog_level(level) < current_level.load(std::memory_order_relaxed)) return;
  const auto log = logger();
  if (!log) return;
  log->log(spdlog_level(level), line_of(current_format, event, fields));
}

}  // namespace hintd
