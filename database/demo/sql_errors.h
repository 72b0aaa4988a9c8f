// Where libpqxx's exceptions end in this folder.
#pragma once

#include <exception>
#include <string_view>
#include <type_traits>

#include "core/result.h"

namespace hintd::database::demo {

// Must be called with the exception in flight. `doing` completes "cannot ...".
Error sql_error(std::string_view doing, const std::exception& exception);

// Runs `work`, which answers a Result, and turns what it throws into an Error.
template <class Work>
auto catching_sql_errors(std::string_view doing, Work work) -> std::invoke_result_t<Work> {
  try {
    return work();
  } catch (const std::exception& exception) {
    return tl::make_unexpected(sql_error(doing, exception));
  }
}

}  // namespace hintd::database::demo
