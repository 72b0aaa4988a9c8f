// Level 0: ranks the arms for a query and learns from what running them cost. Not thread-safe: the
// trainer owns it; others use its snapshots. Same config, seed and calls: same answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/result.h"
#include "core/rng.h"
#include "learning/agent/agent_config.h"
#include "learning/agent/q_network.h"
#include "learning/agent/q_snapshot.h"
#include "learning/agent/replay_buffer.h"
#include "learning/agent/transition.h"

namespace hintd::learning {

struct ArmChoice {
  ArmId arm = kDefaultArm;
  float propensity = 1;  // probability with which choose() would have answered this arm
  float cost = 0;        // Q(s, arm), mean over the heads
  float spread = 0;      // standard deviation over the heads
};

struct TrainingSummary {
  std::int64_t step = 0;  // updates since the agent was made
  double loss = 0;        // mean over this call's updates
  double q_spread = 0;    // standard deviation of Q(s, a) over the heads, likewise
  double epsilon = 0;
  std::int64_t replay_size = 0;

  // For telemetry.
  TrainingStep at(TimePoint time) const {
    return {time, step, loss, epsilon, q_spread, replay_size};
  }
};

class DqnAgent {
 public:
  // kInvalidInput when a setting is out of range or the names are empty or not unique. Arm i is
  // called arm_names[i]; the first is the default.
  static Result<DqnAgent> create(const AgentConfig& config, std::vector<std::string> arm_names,
                                 Rng rng);

  // An arm to try: with probability epsilon any of `allowed`, else the best of a head drawn anew
  // (or of the heads' mean, see Exploration). `allowed` is not empty.
  ArmChoice choose(const FeatureVector& state, std::span<const ArmId> allowed);
  // The arm to rely on: the smallest pessimistic cost by config.risk_bound. No randomness.
  ArmChoice recommend(const FeatureVector& state, std::span<const ArmId> allowed) const;

  // Keeps it for training. Everything in it is finite. Without a discount, runs of the default are
  // counted but not kept: their Q is 0 and has nothing to learn.
  void observe(const Transition& transition);

  // config.train_steps_per_observation updates; none while there is nothing to learn from.
  TrainingSummary train();

  // Of the current weights. Shared because readers keep it while the agent trains on.
  std::shared_ptr<const QSnapshot> snapshot() const;

  const std::vector<std::string>& arm_names() const { return arm_names_; }
  double epsilon() const;

  // Atomically; errors as write_checkpoint's.
  Status save(const std::filesystem::path& path) const;
  // Goes on exactly where save() was called, given the same config. Hyperparameters that do not
  // change the network's shape may differ. Errors as read_checkpoint's and with_arms', kConflict
  // where hidden_sizes or heads are others, kInvalidInput for a setting out of range.
  static Result<DqnAgent> load(const std::filesystem::path& path, const AgentConfig& config,
                               std::vector<std::string> arm_names);

 private:
  DqnAgent(const AgentConfig& config, std::vector<std::string> arm_names, QNetwork network,
           std::int64_t steps, const Rng& rng);

  ArmId draw(const QValues& q, std::span<const ArmId> allowed);
  float propensity(const QValues& q, std::span<const ArmId> allowed, ArmId arm) const;

  AgentConfig config_;
  std::vector<std::string> arm_names_;
  QShape shape_;
  Rng rng_;
  QNetwork network_;
  ReplayBuffer replay_;
  std::int64_t steps_ = 0;
  std::int64_t observations_ = 0;
  mutable std::shared_ptr<const QSnapshot> snapshot_;  // empty when the weights have moved on
};

}  // namespace hintd::learning
