#include "telemetry/format.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace hintd::telemetry {
namespace {

std::string calendar(TimePoint time, const char* pattern) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), pattern, &parts)};
}

}  // namespace

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  // Wide enough for the largest double.
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string count_text(std::int64_t count) {
  std::string text = std::to_string(count);
  const std::size_t first_digit = count < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first_digit + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string ms_text(double ms) {
  if (!std::isfinite(ms)) return "-";
  if (std::abs(ms) < 9.995) return fixed(ms, 2);
  if (std::abs(ms) < 99.95) return fixed(ms, 1);
  return count_text(std::llround(ms));
}

std::string duration_text(double ms) {
  if (std::abs(ms) < 1000) return ms_text(ms) + " ms";
  return ms_text(ms / 1000) + " s";
}

std::string percent_text(double share) {
  return fixed(share * 100, 1) + " %";
}

std::string times_text(double ratio) {
  return fixed(ratio, 2) + "x";
}

std::string iso_time(TimePoint time) {
  return calendar(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string minute_text(TimePoint time) {
  return calendar(time, "%Y-%m-%d %H:%M");
}

}  // namespace hintd::telemetry
