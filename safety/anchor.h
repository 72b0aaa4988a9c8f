// Performance anchors: how fast every template was, under the default and under hints, when
// somebody pinned it; and what has become of it since.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/logged_run.h"

namespace hintd::safety {

// A template's latencies in one period.
struct LatencySummary {
  std::int64_t runs = 0;
  double p10 = 0;  // ms
  double p50 = 0;
  double p90 = 0;
  double mean_log = 0;  // of log ms
  double sd_log = 0;
};

struct TemplateAnchor {
  LatencySummary by_default;
  LatencySummary hinted;
};
using TemplateAnchors = std::map<std::uint64_t, TemplateAnchor>;

// Users' runs that did not fail.
TemplateAnchors summarise(std::span<const LoggedRun> runs);

enum class AnchorVerdict : std::uint8_t {
  kTooFew,  // fewer than eight runs on a side
  kSteady,
  kFaster,
  kDrift,   // the default became slower: the data, the load or the server changed
  kPolicy,  // runs under hints became slower, the default did not
};
std::string_view to_string(AnchorVerdict verdict);

struct AnchorComparison {
  std::uint64_t fingerprint = 0;
  AnchorVerdict verdict = AnchorVerdict::kTooFew;
  double default_ratio = 1;  // geometric means, now over then; 1 where there are too few runs
  double hinted_ratio = 1;
};

// Slower or faster: by more than 10 %, and beyond chance (Welch's t of log latencies at 1 % over
// the number of templates). Slowest first.
std::vector<AnchorComparison> compare(const TemplateAnchors& then, const TemplateAnchors& now);

}  // namespace hintd::safety
