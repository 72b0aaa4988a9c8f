#include "proxy/console.h"

#include <cctype>

namespace hintd::proxy {
namespace {

constexpr std::size_t kLongest = 100;

// Lower case, what separates words as one space, without the last semicolon.
std::string plain(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0 || c == '=' || c == '\'';
    if (!space)
      words += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!words.empty() && words.back() != ' ')
      words += ' ';
  }
  while (!words.empty() && (words.back() == ' ' || words.back() == ';')) words.pop_back();
  return words;
}

// Cheap: asked for every statement.
bool may_be_ours(std::string_view text) {
  if (text.size() > kLongest || text.empty()) return false;
  const auto first = std::tolower(static_cast<unsigned char>(text.front()));
  const bool starts = first == 's' || first == 'r' || std::isspace(first) != 0;
  return starts && text.find('.') != text.npos;
}

}  // namespace

std::string console_topic(std::string_view text) {
  constexpr std::string_view kShow = "show hintd.";
  if (!may_be_ours(text)) return {};
  const auto words = plain(text);
  return words.starts_with(kShow) ? words.substr(kShow.size()) : "";
}

std::optional<bool> hint_mode_of(std::string_view text) {
  if (!may_be_ours(text)) return std::nullopt;
  const auto words = plain(text);
  const auto is = [&](std::string_view value) {
    for (const auto* begin : {"set hintd.mode ", "set hintd.mode to ", "set session hintd.mode ",
                              "set session hintd.mode to "})
      if (words == begin + std::string(value)) return true;
    return false;
  };
  if (is("off")) return false;
  if (is("on") || is("default") || words == "reset hintd.mode") return true;
  return std::nullopt;
}

}  // namespace hintd::proxy
