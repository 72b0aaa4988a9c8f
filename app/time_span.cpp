#include "app/time_span.h"

#include <charconv>

namespace hintd::app {

Result<std::chrono::seconds> parse_span(std::string_view option, const std::string& text) {
  long long number = 0;
  const auto* end = text.data() + text.size();
  const auto* unit = std::from_chars(text.data(), end, number).ptr;
  if (unit + 1 == end && number > 0 && number < 1'000'000) {
    if (*unit == 's') return std::chrono::seconds(number);
    if (*unit == 'm') return std::chrono::minutes(number);
    if (*unit == 'h') return std::chrono::hours(number);
    if (*unit == 'd') return std::chrono::hours(24 * number);
  }
  return fail(ErrorKind::kInvalidInput, std::string(option) + " is '" + text + "'",
              "give a number and a unit, e.g. 90s, 10m, 24h or 7d");
}

}  // namespace hintd::app
