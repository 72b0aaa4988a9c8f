#include "core/sql_outline.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/rng.h"

namespace hintd {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  SqlOutline scan() {
    while (at_ < sql_.size()) step();
    return std::move(outline_);
  }

 private:
  char ahead(std::size_t n) const { return at_ + n < sql_.size() ? sql_[at_ + n] : '\0'; }

  void step() {
    const char c = sql_[at_];
    if (is_space(c) || skip_comment()) {
      at_ += is_space(c) ? 1 : 0;
      space_ = true;
    } else if (const auto quote = string_prefix(); quote != sql_.npos) {
      literal(string_end(quote));
    } else if (is_digit(c) || (c == '.' && is_digit(ahead(1)))) {
      literal(number_end());
    } else if (c == '$' && !is_digit(ahead(1)) && dollar_end() != at_) {
      literal(dollar_end());
    } else {
      token(token_end());
    }
  }

  // Where the quote stands when a string literal begins here, E'', B'', X'', N'' and U&'' included.
  std::size_t string_prefix() const {
    const char c = sql_[at_];
    if (c == '\'') return at_;
    const bool letter = std::string_view("eEbBxXnN").find(c) != std::string_view::npos;
    if (letter && ahead(1) == '\'') return at_ + 1;
    if ((c == 'u' || c == 'U') && ahead(1) == '&' && ahead(2) == '\'') return at_ + 2;
    return sql_.npos;
  }

  std::size_t string_end(std::size_t quote) const {
    const bool escapes = sql_[at_] == 'E' || sql_[at_] == 'e';
    for (std::size_t i = quote + 1; i < sql_.size(); ++i) {
      if (escapes && sql_[i] == '\\')
        ++i;
      else if (sql_[i] == '\'' && i + 1 < sql_.size() && sql_[i + 1] == '\'')
        ++i;
      else if (sql_[i] == '\'')
        return i + 1;
    }
    return sql_.size();
  }

  std::size_t number_end() const {
    std::size_t i = at_;
    while (i < sql_.size() && (is_word(sql_[i]) || sql_[i] == '.')) {
      const bool exponent = (sql_[i] == 'e' || sql_[i] == 'E') && i + 1 < sql_.size() &&
                            (sql_[i + 1] == '-' || sql_[i + 1] == '+');
      i += exponent ? 2 : 1;
    }
    return i;
  }

  // Of $$...$$ or $tag$...$tag$; here when none begins here.
  std::size_t dollar_end() const {
    std::size_t i = at_ + 1;
    while (i < sql_.size() && is_word(sql_[i])) ++i;
    if (i >= sql_.size() || sql_[i] != '$') return at_;
    const auto tag = sql_.substr(at_, i + 1 - at_);
    const auto close = sql_.find(tag, i + 1);
    return close == sql_.npos ? sql_.size() : close + tag.size();
  }

  bool skip_comment() {
    if (ahead(0) == '-' && ahead(1) == '-') {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
      return true;
    }
    if (ahead(0) != '/' || ahead(1) != '*') return false;
    int depth = 0;  // they nest
    do {
      const auto two = sql_.substr(at_, 2);
      depth += two == "/*" ? 1 : two == "*/" ? -1 : 0;
      at_ += two == "/*" || two == "*/" ? 2 : 1;
    } while (depth > 0 && at_ < sql_.size());
    return true;
  }

  // A word, parameter or quoted identifier, or one character of anything else.
  std::size_t token_end() const {
    std::size_t i = at_ + 1;
    if (sql_[at_] == '"') return std::min(sql_.find('"', i), sql_.size() - 1) + 1;
    if (!is_word(sql_[at_]) && sql_[at_] != '$') return i;
    while (i < sql_.size() && (is_word(sql_[i]) || sql_[i] == '$')) ++i;
    return i;
  }

  void token(std::size_t end) {
    separate();
    if (sql_[at_] == '$' && is_digit(ahead(1))) parameter(end);
    outline_.hash = stable_hash(sql_.substr(at_, end - at_), outline_.hash);
    at_ = end;
  }

  void parameter(std::size_t end) {
    std::uint32_t number = 0;
    std::from_chars(sql_.data() + at_ + 1, sql_.data() + end, number);
    outline_.parameters.push_back({number, static_cast<std::uint32_t>(outline_.literals.size())});
  }

  void literal(std::size_t end) {
    separate();
    outline_.hash = stable_hash("?", outline_.hash);
    outline_.literals.push_back(sql_.substr(at_, end - at_));
    at_ = end;
  }

  void separate() {
    if (space_) outline_.hash = stable_hash(" ", outline_.hash);
    space_ = false;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  bool space_ = false;  // seen since the last token; one stands for many
  SqlOutline outline_{stable_hash(""), {}, {}};
};

}  // namespace

SqlOutline outline_of(std::string_view sql) {
  return Scanner(sql).scan();
}

}  // namespace hintd
