#include "proxy/console.h"

#include "proxy/plain_words.h"

namespace hintd::proxy {

std::string console_topic(std::string_view text) {
  constexpr std::string_view kShow = "show hintd.";
  // Cheap: asked for every statement.
  if (text.size() > kLongestPlain || text.find('.') == text.npos) return {};
  if (const char first = text.empty() ? 0 : text.front();
      first != 's' && first != 'S' && first > ' ')
    return {};
  const auto words = plain_words(text);
  return words.starts_with(kShow) ? words.substr(kShow.size()) : "";
}

}  // namespace hintd::proxy
