// A script of SQL statements, taken apart by PostgreSQL's own scanner (libpg_query).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace hintd {

struct ScriptStatement {
  std::string sql;       // without the closing ';', the space around it, and -- lines before it
  std::string comment;   // the last of those lines, without its dashes
  std::size_t line = 1;  // where it begins
};

// Lines that begin with a backslash are psql's own commands and are left out. A statement may be
// wrong; only text that cannot be scanned at all (an open quote) fails, with kInvalidInput and the
// line.
Result<std::vector<ScriptStatement>> split_script(std::string_view text);

// The names in front of an opening parenthesis, in lower case: every function that is called, and
// some words that only look like one. Names within quotes of either kind are left out of the first
// and kept as they are of the second.
std::vector<std::string> called_names(std::string_view sql);

// Does it hold $1, $2, ... in the place of literals?
bool has_parameters(std::string_view sql);

}  // namespace hintd
