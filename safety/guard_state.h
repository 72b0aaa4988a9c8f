// What the supervisor knows, for a file: so that a restart neither forgives an arm that was
// convicted nor forgets the evidence against one that is suspected.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "safety/circuit_breaker.h"
#include "safety/failure_test.h"
#include "safety/policy_watch.h"
#include "safety/regression_guard.h"

namespace hintd::safety {

struct GuardState {
  static constexpr std::size_t kDefaultRuns = 32;  // kept of each template, the newest

  std::vector<CircuitBreaker::ScopeState> scopes;
  std::vector<RegressionGuard::WatchState> watches;
  std::unordered_map<std::uint64_t, std::vector<DefaultRun>> default_runs;  // by fingerprint
  // The policy that was in force, and what is held against it.
  std::uint32_t policy_version = 0;
  bool taken_back = false;
  PolicyWatch::State policy_watch;
  FailureTest::State policy_failures;
};

}  // namespace hintd::safety
