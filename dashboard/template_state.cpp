#include "dashboard/template_state.h"

#include <string>

#include "core/decision.h"

namespace hintd::dashboard {
namespace {

bool is_one_of(const std::string& reason, std::initializer_list<DecisionReason> reasons) {
  for (const auto each : reasons)
    if (reason == to_string(each)) return true;
  return false;
}

}  // namespace

std::string_view state_of(const LiveView& view, const telemetry::TemplateFigures& figures) {
  const auto fingerprint = view.feed.template_of(figures.id).fingerprint;
  if (const auto order = view.orders.find(fingerprint); order != view.orders.end())
    return to_string(order->second.order);
  const auto& reason = view.feed.reason(figures.last_reason);
  using enum DecisionReason;
  if (is_one_of(reason, {kVerified, kVerifiedLiteral, kVerifiedPlan, kHedged, kExtended}))
    return "verified";
  const bool settled = is_one_of(reason, {kNoWinner, kTooFast, kGuarded});
  return figures.explorer_runs > 0 && !settled ? "exploring" : "observed";
}

}  // namespace hintd::dashboard
