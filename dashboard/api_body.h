// What handlers that change something read from a request. Failures are kInvalidInput, naming the
// member and what to send.
#pragma once

#include <cstddef>
#include <string>

#include "core/operations.h"
#include "dashboard/http.h"
#include "dashboard/json_text.h"

namespace hintd::dashboard {

// A JSON object, sent as application/json.
Result<Json> body_of(const HttpRequest& request);
// A string that is not empty, `longest` bytes at most.
Result<std::string> text_in(const Json& json, const char* key, std::size_t longest);
// "why", as the audit log keeps it.
Result<ChangeNote> note_in(const Json& json, const HttpRequest& request);

// Where no hintd runs that could be changed.
Error looked_at_only();

}  // namespace hintd::dashboard
