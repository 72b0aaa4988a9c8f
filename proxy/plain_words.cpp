#include "proxy/plain_words.h"

#include <cctype>

namespace hintd::proxy {

std::string plain_words(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool space =
        std::isspace(static_cast<unsigned char>(c)) != 0 || c == '=' || c == '\'' || c == '"';
    if (!space)
      words += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!words.empty() && words.back() != ' ')
      words += ' ';
  }
  while (!words.empty() && (words.back() == ' ' || words.back() == ';')) words.pop_back();
  return words;
}

}  // namespace hintd::proxy
