// What serving asks for every statement. A policy never changes once it is published; a new version
// replaces it whole.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/decision.h"
#include "core/features.h"

namespace hintd {

// What EXPLAIN of the default plan adds to a request, for decisions that hang on it.
struct PlannedState {
  std::uint64_t plan_shape = 0;
  FeatureVector features{};
};

struct DecisionRequest {
  std::uint64_t fingerprint = 0;
  std::span<const std::uint64_t> literals;
  const PlannedState* planned = nullptr;
};

// Thread-safe: const and without hidden state.
class Policy {
 public:
  virtual ~Policy() = default;
  // May answer kNeedsPlan, once: asked again with `planned` it decides. No lock, allocation or I/O.
  virtual Decision choose(const DecisionRequest& request) const noexcept = 0;
  virtual std::uint32_t version() const noexcept = 0;
};

// How to run a statement. With patience the default runs first, and where it takes longer than that
// the arm joins in on a second connection: the first to end gives the rows (a hedged request; Dean
// and Barroso, The Tail at Scale, 2013). So statements that are fast under the default stay so. Or
// the arm takes the default's place, where its plan's workers need the cores that both would share.
struct RunChoice {
  ArmId arm = kDefaultArm;
  Millis patience{0};  // 0: the arm alone, at once
  // Of a choice with patience, where there is but one connection: when the default is ended for the
  // arm; 0: never.
  Millis switch_after{0};
  bool takes_over = false;  // past the patience the default is ended for the arm

  bool hedged() const { return patience > Millis::zero(); }
  bool operator==(const RunChoice&) const = default;
};

// The default's latency by a statement's literals: what their values add to its logarithm.
struct LatencyForecast {
  struct Effect {
    std::uint16_t literal = 0;  // position
    std::uint64_t value = 0;    // the literal's hash
    double log_ratio = 0;
  };

  double log_ms = 0;            // where no value is known
  std::vector<Effect> effects;  // sorted by literal and value

  double log_ms_of(std::span<const std::uint64_t> literals) const noexcept;
};

// What a template was proved to need. Cases name the literals, the default plans or the forecast
// latencies that need another choice than the rest.
struct TemplateRule {
  enum class CasesBy : std::uint8_t { kNothing, kLiteral, kPlan, kForecast };

  RunChoice rest;                                     // where no case fits
  DecisionReason reason = DecisionReason::kNoWinner;  // why the default, where it is chosen
  CasesBy cases_by = CasesBy::kNothing;
  std::uint16_t literal = 0;  // position of the literal that decides, for kLiteral
  // By key (literal's hash or plan shape), sorted. For kForecast the key is a latency in
  // microseconds: from there on the choice holds, the first one's also below.
  std::vector<std::pair<std::uint64_t, RunChoice>> cases;
  LatencyForecast forecast;   // for kForecast
  Millis default_latency{0};  // median under the default: what deadlines are measured by

  bool steers() const { return rest.arm != kDefaultArm || !cases.empty(); }
  // The choice for a statement; `plan_shape` counts for kPlan alone. Null where no case fits.
  const RunChoice* case_for(std::span<const std::uint64_t> literals,
                            std::uint64_t plan_shape) const;
  // The case's, or the rest's.
  const RunChoice& choice_for(std::span<const std::uint64_t> literals,
                              std::uint64_t plan_shape) const {
    const auto* found = case_for(literals, plan_shape);
    return found == nullptr ? rest : *found;
  }
};

// Have both rules the same cases, and choices that are the `same`? A forecast's limits move with
// every measurement: there it is the choices that count.
template <class Same>
bool alike(const TemplateRule& a, const TemplateRule& b, Same same) {
  const bool by_forecast = a.cases_by == TemplateRule::CasesBy::kForecast;
  return same(a.rest, b.rest) && a.cases_by == b.cases_by && a.literal == b.literal &&
         std::equal(a.cases.begin(), a.cases.end(), b.cases.begin(), b.cases.end(),
                    [&](const auto& x, const auto& y) {
                      return (by_forecast || x.first == y.first) && same(x.second, y.second);
                    });
}

using TemplateRules = std::unordered_map<std::uint64_t, TemplateRule>;  // by fingerprint

inline std::int64_t steered(const TemplateRules& rules) {
  return std::count_if(rules.begin(), rules.end(),
                       [](const auto& entry) { return entry.second.steers(); });
}

// Answers for a template that was never measured.
class UnseenAdvisor {
 public:
  virtual ~UnseenAdvisor() = default;
  // The arm that similar, measured templates agree on; the default where they do not.
  virtual ArmId advise(const FeatureVector& features) const noexcept = 0;
};

// The serving memory: a look-up, and for templates it does not know an advisor's answer, if there
// is one.
class MemoryPolicy final : public Policy {
 public:
  MemoryPolicy(std::uint32_t version, TemplateRules rules,
               std::shared_ptr<const UnseenAdvisor> unseen = nullptr);

  Decision choose(const DecisionRequest& request) const noexcept override;
  std::uint32_t version() const noexcept override { return version_; }
  const TemplateRules& rules() const { return rules_; }

 private:
  std::uint32_t version_;
  TemplateRules rules_;
  std::shared_ptr<const UnseenAdvisor> unseen_;  // shared: several versions may use one advisor
};

}  // namespace hintd
