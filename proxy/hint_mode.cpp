#include "proxy/hint_mode.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "proxy/plain_words.h"

namespace hintd::proxy {
namespace {

constexpr std::string_view kSetting = "hintd.mode";

// Cheap: asked for every statement.
bool may_set_mode(std::string_view text) {
  if (text.size() > kLongestPlain || text.empty()) return false;
  const auto first = std::tolower(static_cast<unsigned char>(text.front()));
  return first == 'r' ||
         ((first == 's' || std::isspace(first) != 0) && text.find('.') != text.npos);
}

}  // namespace

HintMode hint_mode_from(std::string_view value) {
  static constexpr std::array<std::string_view, 6> kOffWords = {"off", "false",   "no",
                                                                "0",   "observe", "advise"};
  static constexpr std::array<std::string_view, 5> kOnWords = {"on", "true", "yes", "1", "steer"};
  const auto is = [&](std::string_view word) { return word == value; };
  if (std::any_of(kOffWords.begin(), kOffWords.end(), is)) return HintMode::kOff;
  if (std::any_of(kOnWords.begin(), kOnWords.end(), is)) return HintMode::kOn;
  return HintMode::kUnknown;
}

std::optional<HintMode> hint_mode_set_by(std::string_view text) {
  if (!may_set_mode(text)) return std::nullopt;
  const auto words = plain_words(text);
  if (words == "reset hintd.mode" || words == "reset all") return HintMode::kDefault;
  for (const auto* begin : {"set hintd.mode to ", "set hintd.mode ", "set session hintd.mode to ",
                            "set session hintd.mode "}) {
    if (!words.starts_with(begin)) continue;
    const auto value = std::string_view(words).substr(std::string_view(begin).size());
    return value == "default" ? HintMode::kDefault : hint_mode_from(value);
  }
  return std::nullopt;
}

std::optional<HintMode> hint_mode_in_options(std::string_view options) {
  std::optional<HintMode> mode;
  const auto words = plain_words(options);  // "-c hintd.mode off", "--hintd.mode off"
  for (auto at = words.find(kSetting); at != words.npos; at = words.find(kSetting, at + 1)) {
    const auto value_at = at + kSetting.size() + 1;
    const bool is_setting =
        at > 0 && (words[at - 1] == ' ' || words[at - 1] == '-' || words[at - 1] == 'c') &&
        value_at <= words.size() && words[value_at - 1] == ' ';
    if (is_setting)
      mode = hint_mode_from(
          std::string_view(words).substr(value_at, words.find(' ', value_at) - value_at));
  }
  return mode;
}

}  // namespace hintd::proxy
