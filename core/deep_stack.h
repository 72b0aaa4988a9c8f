// A stack as deep as recursive code needs it.
#pragma once

#include <cstddef>
#include <functional>

#include "core/result.h"

namespace hintd {

// Runs `work`, which must not throw, in a thread whose stack has `bytes`, and waits for its end.
// The stack is the system's once it is touched. kExhausted where there is no room for it, and
// `work` has not run.
Status on_stack_of(std::size_t bytes, const std::function<void()>& work);

}  // namespace hintd
