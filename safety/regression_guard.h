// Watches every arm that users run under: per template and arm a sequential test (shift_test.h) of
// its latencies against the template's own under the default. Not thread-safe: Supervisor locks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/hint_set.h"
#include "safety/shift_test.h"

namespace hintd::safety {

// A run of a template under the default.
struct DefaultRun {
  std::vector<std::uint64_t> literals;
  double latency_ms = 0;
};

struct Regression {
  double ratio = 1;       // typical latency under the arm over that under the default
  std::int64_t runs = 0;  // under the arm, that it took to tell
};

class RegressionGuard {
 public:
  static constexpr std::size_t kKept = 128;  // default runs a template

  // `false_alarms`: chance that an arm that is no slower is ever convicted, in (0, 1).
  explicit RegressionGuard(double false_alarms) : false_alarms_(false_alarms) {}

  // An arm that is watched, for a file.
  struct WatchState {
    std::uint64_t fingerprint = 0;
    ArmId arm = kDefaultArm;
    std::int64_t next_block = 1;
    std::optional<ShiftTest::State> test;
  };
  std::vector<WatchState> watches() const;
  void restore(const WatchState& watch);
  // Templates with default runs, and the newest of one's, oldest first.
  std::vector<std::uint64_t> templates() const;
  std::vector<DefaultRun> newest(std::uint64_t fingerprint, std::size_t most) const;

  void default_run(std::uint64_t fingerprint, DefaultRun run);
  // The last kKept of them that `like` accepts, ms: the latencies an arm is compared with.
  using Like = std::function<bool(const DefaultRun&)>;
  std::vector<double> baseline(std::uint64_t fingerprint, const Like& like) const;

  // One run under an arm. The baseline is taken at the arm's first run, and anew after a
  // conviction; while it holds fewer than LatencyScale::kFewest runs nothing is judged.
  std::optional<Regression> hinted_run(std::uint64_t fingerprint, ArmId arm, Millis latency,
                                       const Like& like);

 private:
  struct Recent {
    std::vector<DefaultRun> runs;
    std::size_t next = 0;
  };
  struct Watch {
    std::optional<ShiftTest> test;
    std::int64_t next_block = 1;
  };

  double false_alarms_;
  std::unordered_map<std::uint64_t, Recent> recent_;
  std::map<std::pair<std::uint64_t, ArmId>, Watch> watches_;
};

}  // namespace hintd::safety
