#include "learning/agent/dqn_agent.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/check.h"
#include "learning/agent/checkpoint.h"

namespace hintd::learning {
namespace {

Status check_names(const std::vector<std::string>& arm_names) {
  const std::set<std::string> unique(arm_names.begin(), arm_names.end());
  if (!unique.empty() && unique.size() == arm_names.size()) return {};
  return fail(ErrorKind::kInvalidInput, "the agent's arms have no names of their own",
              "give each hint set of the catalogue a name, the default first");
}

std::string text_of(const std::vector<int>& sizes) {
  std::string text;
  for (const int size : sizes) text += (text.empty() ? "" : ",") + std::to_string(size);
  return "[" + text + "]";
}

Status check_shape(const Checkpoint& checkpoint, const AgentConfig& config,
                   const std::filesystem::path& path) {
  if (checkpoint.hidden_sizes == config.hidden_sizes && checkpoint.heads == config.heads) return {};
  const auto shape = [](const std::vector<int>& sizes, int heads) {
    return "hidden_sizes " + text_of(sizes) + " and heads " + std::to_string(heads);
  };
  return fail(ErrorKind::kConflict,
              "checkpoint " + path.string() + " has learning.agent." +
                  shape(checkpoint.hidden_sizes, checkpoint.heads) + ", the configuration " +
                  shape(config.hidden_sizes, config.heads),
              "set them to the checkpoint's, or begin without it");
}

bool is_finite(const FeatureVector& features) {
  return std::ranges::all_of(features, [](float x) { return std::isfinite(x); });
}

}  // namespace

DqnAgent::DqnAgent(const AgentConfig& config, std::vector<std::string> arm_names, QNetwork network,
                   std::int64_t steps, const Rng& rng)
    : config_(config),
      arm_names_(std::move(arm_names)),
      shape_(q_shape(config, static_cast<int>(arm_names_.size()))),
      rng_(rng),
      network_(std::move(network)),
      replay_(static_cast<std::size_t>(config.replay_capacity)),
      steps_(steps) {}

Result<DqnAgent> DqnAgent::create(const AgentConfig& config, std::vector<std::string> arm_names,
                                  Rng rng) {
  HINTD_TRY_STATUS(validate(config));
  HINTD_TRY_STATUS(check_names(arm_names));
  const auto shape = q_shape(config, static_cast<int>(arm_names.size()));
  const auto initial = initial_network(shape, config, rng);
  HINTD_TRY(auto network, QNetwork::create(shape, config, initial));
  return DqnAgent(config, std::move(arm_names), std::move(network), 0, rng);
}

ArmChoice DqnAgent::choose(const FeatureVector& state, std::span<const ArmId> allowed) {
  const auto q = snapshot()->evaluate(state);
  const ArmId arm = draw(q, allowed);
  return {arm, propensity(q, allowed, arm), q.mean(arm), q.spread(arm)};
}

ArmChoice DqnAgent::recommend(const FeatureVector& state, std::span<const ArmId> allowed) const {
  const auto q = snapshot()->evaluate(state);
  const ArmId arm = q.safest(allowed, static_cast<float>(config_.risk_bound));
  return {arm, 1, q.mean(arm), q.spread(arm)};
}

ArmId DqnAgent::draw(const QValues& q, std::span<const ArmId> allowed) {
  HINTD_CHECK(!allowed.empty(), "no arm is allowed, not even the default");
  if (rng_.chance(epsilon())) return allowed[rng_.below(allowed.size())];
  if (config_.exploration == Exploration::kGreedy) return q.best_of_mean(allowed);
  return q.best_of_head(static_cast<int>(rng_.below(shape_.heads)), allowed);
}

float DqnAgent::propensity(const QValues& q, std::span<const ArmId> allowed, ArmId arm) const {
  double votes = 0;
  if (config_.exploration == Exploration::kGreedy) {
    votes = q.best_of_mean(allowed) == arm ? 1 : 0;
  } else {
    for (int head = 0; head < q.heads(); ++head) {
      votes += q.best_of_head(head, allowed) == arm ? 1.0 / q.heads() : 0;
    }
  }
  const double uniform = 1.0 / static_cast<double>(allowed.size());
  return static_cast<float>(epsilon() * uniform + (1 - epsilon()) * votes);
}

void DqnAgent::observe(const Transition& transition) {
  HINTD_CHECK(transition.arm < arm_names_.size(), "an arm the agent does not know");
  HINTD_CHECK(std::isfinite(transition.cost), "a cost that is no number");
  HINTD_CHECK(is_finite(transition.state), "a feature that is no number");
  HINTD_CHECK(!transition.next_state || is_finite(*transition.next_state),
              "a feature that is no number");
  ++observations_;
  if (transition.arm == kDefaultArm && !shape_.has_value) return;
  std::uint16_t heads = 0;
  for (int head = 0; head < shape_.heads; ++head) {
    if (rng_.chance(config_.bootstrap_probability)) heads |= std::uint16_t(1) << head;
  }
  replay_.add({transition, heads});
}

TrainingSummary DqnAgent::train() {
  TrainingSummary summary;
  summary.epsilon = epsilon();
  summary.replay_size = static_cast<std::int64_t>(replay_.size());
  summary.step = steps_;
  if (replay_.size() == 0) return summary;

  snapshot_.reset();
  const int updates = config_.train_steps_per_observation;
  for (int i = 0; i < updates; ++i) {
    const auto batch = replay_.sample(static_cast<std::size_t>(config_.batch_size), rng_);
    const auto step = network_.train(batch);
    summary.loss += step.loss / updates;
    summary.q_spread += step.spread / updates;
  }
  steps_ += updates;
  summary.step = steps_;
  return summary;
}

std::shared_ptr<const QSnapshot> DqnAgent::snapshot() const {
  if (!snapshot_) {
    auto [weights, prior] = network_.function();
    snapshot_ = std::make_shared<QSnapshot>(shape_, std::move(weights), std::move(prior));
  }
  return snapshot_;
}

double DqnAgent::epsilon() const {
  const double done =
      static_cast<double>(observations_) / static_cast<double>(config_.epsilon_decay_steps);
  return std::lerp(config_.epsilon_start, config_.epsilon_end, std::min(1.0, done));
}

Status DqnAgent::save(const std::filesystem::path& path) const {
  return write_checkpoint(path, {arm_names_, config_.hidden_sizes, config_.heads, network_.state(),
                                 replay_.contents(), rng_.state(), observations_});
}

Result<DqnAgent> DqnAgent::load(const std::filesystem::path& path, const AgentConfig& config,
                                std::vector<std::string> arm_names) {
  HINTD_TRY_STATUS(validate(config));
  HINTD_TRY_STATUS(check_names(arm_names));
  HINTD_TRY(auto stored, read_checkpoint(path));
  HINTD_TRY_STATUS(check_shape(stored, config, path));
  HINTD_TRY(auto checkpoint, with_arms(std::move(stored), arm_names, path));
  const auto shape = q_shape(config, static_cast<int>(arm_names.size()));
  HINTD_TRY(auto network, QNetwork::create(shape, config, checkpoint.network));
  DqnAgent agent(config, std::move(arm_names), std::move(network), checkpoint.network.steps,
                 Rng::restore(checkpoint.rng));
  agent.observations_ = checkpoint.observations;
  for (auto& experience : checkpoint.replay) agent.replay_.add(std::move(experience));
  return agent;
}

}  // namespace hintd::learning
