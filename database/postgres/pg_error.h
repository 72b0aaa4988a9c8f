// Turns what libpq and the server say into one clear line each. Pure text work, no connection.
#pragma once

#include <string_view>

#include "core/result.h"

namespace hintd::database {

// Why a connection could not be made. kInvalidInput for what only the user can mend (password,
// database, role, a malformed DSN), kUnavailable for what may pass by itself.
Error connection_error(std::string_view libpq_message);

// Why a statement failed. By SQLSTATE: kCancelled for 57014 (a timeout included), kUnavailable when
// the server went away, kExhausted for disk, memory or connections, kQuery for the rest.
Error statement_error(std::string_view sqlstate, std::string_view message);

}  // namespace hintd::database
