#include "core/failsafe.h"

#include <bit>

#include "core/log.h"

namespace hintd {

void Failsafe::failed(const char* what) noexcept {
  const auto count = failures_.fetch_add(1, std::memory_order_relaxed) + 1;
  try {
    {
      const std::lock_guard lock(mutex_);
      last_ = what;
    }
    if (std::has_single_bit(static_cast<std::uint64_t>(count)))
      log_error(event_, {{"error", what}, {"count", count}});
  } catch (...) {  // no memory to say so: it is counted
  }
}

std::string Failsafe::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

}  // namespace hintd
