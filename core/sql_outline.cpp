#include "core/sql_outline.h"

#include <charconv>

#include "core/rng.h"
#include "core/sql_tokens.h"

namespace hintd {
namespace {

// $1, $2, ...: its number; 0 for whatever else.
std::uint32_t parameter_number(std::string_view token) {
  std::uint32_t number = 0;
  if (token.size() > 1 && token.front() == '$')
    std::from_chars(token.data() + 1, token.data() + token.size(), number);
  return number;
}

}  // namespace

SqlOutline outline_of(std::string_view sql) {
  SqlOutline outline{stable_hash(""), {}, {}};
  for_each_sql_token(sql, [&](const SqlToken& token) {
    // One space stands for many.
    if (token.space_before) outline.hash = stable_hash(" ", outline.hash);
    const bool literal = token.kind == SqlToken::Kind::kLiteral;
    outline.hash = stable_hash(literal ? "?" : token.text, outline.hash);
    if (literal) {
      outline.literals.push_back(token.text);
    } else if (const auto number = parameter_number(token.text); number > 0) {
      outline.parameters.push_back({number, static_cast<std::uint32_t>(outline.literals.size())});
    }
  });
  return outline;
}

}  // namespace hintd
