#include "learning/agent/q_values.h"

#include <cmath>

#include "core/check.h"

namespace hintd::learning {
namespace {

struct Moments {
  double mean = 0;
  double deviation = 0;
};

template <class ValueOfHead>
Moments moments_over(int heads, ValueOfHead&& value) {
  double sum = 0;
  for (int head = 0; head < heads; ++head) sum += value(head);
  const double mean = sum / heads;
  double squares = 0;
  for (int head = 0; head < heads; ++head) squares += std::pow(value(head) - mean, 2);
  return {mean, std::sqrt(squares / heads)};
}

template <class CostOfArm>
ArmId cheapest(std::span<const ArmId> allowed, CostOfArm&& cost) {
  HINTD_CHECK(!allowed.empty(), "no arm is allowed, not even the default");
  ArmId best = allowed.front();
  float best_cost = cost(best);
  for (const ArmId arm : allowed.subspan(1)) {
    if (const float arm_cost = cost(arm); arm_cost < best_cost) {
      best = arm;
      best_cost = arm_cost;
    }
  }
  return best;
}

}  // namespace

QValues::QValues(std::vector<float> values, int heads)
    : values_(std::move(values)), heads_(heads), arms_(static_cast<int>(values_.size()) / heads) {}

float QValues::mean(ArmId arm) const {
  return static_cast<float>(moments_over(heads_, [&](int h) { return at(h, arm); }).mean);
}

float QValues::spread(ArmId arm) const {
  return static_cast<float>(moments_over(heads_, [&](int h) { return at(h, arm); }).deviation);
}

float QValues::pessimistic(ArmId arm, float z) const {
  const auto beyond_default =
      moments_over(heads_, [&](int h) { return at(h, arm) - at(h, kDefaultArm); });
  return static_cast<float>(beyond_default.mean + z * beyond_default.deviation);
}

ArmId QValues::best_of_head(int head, std::span<const ArmId> allowed) const {
  return cheapest(allowed, [&](ArmId arm) { return at(head, arm); });
}

ArmId QValues::best_of_mean(std::span<const ArmId> allowed) const {
  return cheapest(allowed, [&](ArmId arm) { return mean(arm); });
}

ArmId QValues::safest(std::span<const ArmId> allowed, float z) const {
  return cheapest(allowed, [&](ArmId arm) { return pessimistic(arm, z); });
}

}  // namespace hintd::learning
