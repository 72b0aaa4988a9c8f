// What the literals of a statement say of its latency under the default, before it runs: a value
// that is heavy in one template is heavy in others, and heavy values multiply. Additive effects on
// the logarithm, of a value everywhere and of one in its place in a template, by ridge regression
// over all statements known (Hoerl and Kennedy, Ridge Regression, 1970).
#pragma once

#include <map>

#include "core/plan_memory.h"
#include "core/policy.h"

namespace hintd::learning {

struct TemplateForecast {
  LatencyForecast by_all;  // of statements to come
  // Of the statements known, log ms, each by others' latencies (ten-fold cross-validation).
  std::map<PlanMemory::StatementId, double> by_others;
};

// By template's fingerprint; of templates with a statement whose latency is known.
std::map<std::uint64_t, TemplateForecast> forecast_latencies(const PlanMemory& memory);

}  // namespace hintd::learning
