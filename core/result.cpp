#include "core/result.h"

#include <utility>

namespace hintd {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidInput:
      return "invalid_input";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kExhausted:
      return "exhausted";
    case ErrorKind::kQuery:
      return "query";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

std::string Error::text() const {
  return remedy.empty() ? message : message + "; " + remedy;
}

tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string remedy) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(remedy)});
}

}  // namespace hintd
