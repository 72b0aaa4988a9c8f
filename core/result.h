// What an operation that can fail for reasons outside the program answers: a value, or an Error
// that says what went wrong, where, and what to do. Broken invariants do not come here: see
// core/check.h.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace hintd {

enum class ErrorKind {
  kInvalidInput,  // the caller or the user gave something that cannot be used
  kNotFound,      // a file, row, name that should exist does not
  kConflict,      // the thing exists already, or is in use by somebody else
  kUnavailable,   // a server or file system that may come back: worth a retry
  kTimeout,       // a deadline passed
  kCancelled,     // somebody asked to stop
  kCorrupt,       // bytes that were ours and no longer make sense, or never were ours
  kExhausted,     // disk, memory or another resource is used up
  kQuery,         // PostgreSQL refused the statement itself
  kInternal,      // none of the above
};

std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;  // what, and where; one line
  std::string remedy;   // what to do; may be empty

  // "message; remedy", for people.
  std::string text() const;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// return fail(ErrorKind::kNotFound, "policy.json is missing", "run hintd tune first");
tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string remedy = {});

}  // namespace hintd

#define HINTD_CONCAT_INNER(a, b) a##b
#define HINTD_CONCAT(a, b) HINTD_CONCAT_INNER(a, b)

// HINTD_TRY(auto plan, executor.explain(sql));  returns the error to the caller, or goes on with
// plan.
#define HINTD_TRY(declaration, expression)                                                \
  auto HINTD_CONCAT(hintd_result_, __LINE__) = (expression);                              \
  if (!HINTD_CONCAT(hintd_result_, __LINE__))                                             \
    return tl::make_unexpected(std::move(HINTD_CONCAT(hintd_result_, __LINE__)).error()); \
  declaration = std::move(*HINTD_CONCAT(hintd_result_, __LINE__))

// The same for an operation without a value.
#define HINTD_TRY_STATUS(expression)                             \
  if (auto HINTD_CONCAT(hintd_result_, __LINE__) = (expression); \
      !HINTD_CONCAT(hintd_result_, __LINE__))                    \
  return tl::make_unexpected(std::move(HINTD_CONCAT(hintd_result_, __LINE__)).error())
