#include "app/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace hintd::app {
namespace {

// Files, the page's clients, connections of hintd's own, and cancels on their way.
constexpr rlim_t kForAllElse = 200;

}  // namespace

int clients_that_fit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int>::max();
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto room = limit.rlim_cur > kForAllElse ? (limit.rlim_cur - kForAllElse) / 2 : 1;
  return static_cast<int>(std::min<rlim_t>(room, std::numeric_limits<int>::max()));
}

}  // namespace hintd::app
