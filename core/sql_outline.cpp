#include "core/sql_outline.h"

#include "core/rng.h"
#include "core/sql_tokens.h"

namespace hintd {

SqlOutline outline_of(std::string_view sql) {
  SqlOutline outline{stable_hash(""), {}};
  for_each_sql_token(sql, [&](const SqlToken& token) {
    // One space stands for many.
    if (token.space_before) outline.hash = stable_hash(" ", outline.hash);
    const bool literal = token.kind == SqlToken::Kind::kLiteral;
    outline.hash = stable_hash(literal ? "?" : token.text, outline.hash);
    if (literal) outline.literals.push_back(token.text);
  });
  return outline;
}

}  // namespace hintd
