#include "safety/failure_test.h"

#include <algorithm>
#include <cmath>

#include "safety/shift_test.h"

namespace hintd::safety {
namespace {

constexpr int kBlock = 256;

double log_evidence(int runs, int failures) {
  std::array<double, FailureTest::kShares.size()> logs{};
  std::transform(FailureTest::kShares.begin(), FailureTest::kShares.end(), logs.begin(),
                 [&](double share) {
                   return failures * std::log(share / FailureTest::kUsual) +
                          (runs - failures) * std::log((1 - share) / (1 - FailureTest::kUsual));
                 });
  return log_of_mean(logs);
}

}  // namespace

bool FailureTest::too_many(bool failed) {
  if (state_.runs == kBlock) state_ = {state_.block + 1, 0, 0};
  ++state_.runs;
  state_.failures += failed;
  return log_evidence(state_.runs, state_.failures) >=
         log_evidence_needed(false_alarms_, state_.block);
}

}  // namespace hintd::safety
