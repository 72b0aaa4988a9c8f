#include "core/optimizer.h"

namespace hintd {

std::string_view to_string(Mode mode) {
  constexpr std::string_view kNames[] = {"observe", "advise", "steer"};
  return kNames[static_cast<int>(mode)];
}

Optimizer::Optimizer(Mode mode, const Guard& guard) : mode_(mode), guard_(guard) {}

void Optimizer::publish(std::shared_ptr<const Policy> policy) {
  const std::lock_guard lock(mutex_);
  policy_ = std::move(policy);
  generation_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const Policy> Optimizer::policy() const {
  const std::lock_guard lock(mutex_);
  return policy_;
}

Decision Optimizer::Reader::decide(const DecisionRequest& request) {
  if (const auto latest = optimizer_.generation_.load(std::memory_order_acquire);
      latest != generation_) {
    policy_ = optimizer_.policy();
    generation_ = latest;
  }
  Decision decision;
  if (optimizer_.mode() != Mode::kSteer) {
    decision.reason = DecisionReason::kObserving;
    return decision;
  }
  if (policy_ == nullptr) return decision;
  decision = policy_->choose(request);
  if (decision.arm != kDefaultArm && !optimizer_.guard_.allows(request.fingerprint, decision.arm)) {
    decision.arm = kDefaultArm;
    decision.reason = DecisionReason::kGuarded;
    decision.patience = Millis(0);
    decision.takes_over = false;
  }
  return decision;
}

}  // namespace hintd
