// HINTD_CHECK(condition, "what is broken"): stops the program when an invariant of ours does not
// hold. Never for input or for the outside world: those answer Result (core/result.h). On in every
// build.
#pragma once

namespace hintd {

[[noreturn]] void check_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace hintd

#define HINTD_CHECK(condition, why)       \
  (static_cast<bool>(condition) ? void(0) \
                                : ::hintd::check_failed(#condition, why, __FILE__, __LINE__))
