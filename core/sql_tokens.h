// The tokens of SQL text, by one pass and without a parse: strings of any quoting and numbers are
// literals; comments and spacing lie between tokens. Strings are read with
// standard_conforming_strings on. Never fails: what is not SQL has tokens too.
#pragma once

#include <algorithm>
#include <cctype>
#include <string_view>
#include <type_traits>

namespace hintd {

struct SqlToken {
  enum class Kind { kLiteral, kWord, kQuotedName, kOther };  // kWord: parameters ($1) included
  Kind kind = Kind::kOther;
  std::string_view text;
  bool space_before = false;  // spacing or a comment
};

// Visits them in order.
template <class Visit>
class SqlScanner {
 public:
  SqlScanner(std::string_view sql, Visit& visit) : sql_(sql), visit_(visit) {}

  void scan() {
    while (at_ < sql_.size()) step();
  }

 private:
  using Kind = SqlToken::Kind;

  static bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0;
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  static bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

  char ahead(std::size_t n) const { return at_ + n < sql_.size() ? sql_[at_ + n] : '\0'; }

  void step() {
    const char c = sql_[at_];
    if (is_space(c) || skip_comment()) {
      at_ += is_space(c) ? 1 : 0;
      space_ = true;
    } else if (const auto quote = string_prefix(); quote != sql_.npos) {
      emit(Kind::kLiteral, string_end(quote));
    } else if (is_digit(c) || (c == '.' && is_digit(ahead(1)))) {
      emit(Kind::kLiteral, number_end());
    } else if (c == '$' && !is_digit(ahead(1)) && dollar_end() != at_) {
      emit(Kind::kLiteral, dollar_end());
    } else {
      emit(kind_of(c), token_end());
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

  static Kind kind_of(char c) {
    if (c == '"') return Kind::kQuotedName;
    return is_word(c) || c == '$' ? Kind::kWord : Kind::kOther;
  }

  void emit(Kind kind, std::size_t end) {
    visit_(SqlToken{kind, sql_.substr(at_, end - at_), space_});
    space_ = false;
    at_ = end;
  }

  std::string_view sql_;
  Visit& visit_;
  std::size_t at_ = 0;
  bool space_ = false;
};

template <class Visit>
void for_each_sql_token(std::string_view sql, Visit&& visit) {
  SqlScanner<std::remove_reference_t<Visit>>(sql, visit).scan();
}

}  // namespace hintd
