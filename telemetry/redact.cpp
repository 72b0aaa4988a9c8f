#include "telemetry/redact.h"

#include <cctype>

namespace hintd::telemetry {
namespace {

constexpr std::size_t kMaxLength = 200;

bool opens_quote(std::string_view text, std::size_t at) {
  if (text[at] == '"') return true;
  // An apostrophe within a word quotes nothing.
  return text[at] == '\'' && (at == 0 || !std::isalnum(static_cast<unsigned char>(text[at - 1])));
}

}  // namespace

std::string without_literals(std::string_view error) {
  const auto line = error.substr(0, error.find('\n'));
  std::string kept;
  for (std::size_t at = 0; at < line.size() && kept.size() < kMaxLength; ++at) {
    if (!opens_quote(line, at)) {
      kept += line[at];
      continue;
    }
    kept += "\"...\"";
    // To the last quote of the line: a literal may hold quotes of its own.
    const auto closing = line.rfind(line[at]);
    if (closing == at) break;
    at = closing;
  }
  kept.resize(std::min(kept.size(), kMaxLength));
  return kept;
}

}  // namespace hintd::telemetry
