// Inline exploring for `hintd serve`: has the proxy try the arms that level 0 would like to know on
// users' statements, in steer mode, one trial per template at a time. A run under such an arm is
// stopped past its deadline and made again under the default before the client has heard of it.
// What all of them may cost is bounded: `serve.inline_share` of what the slow statements took that
// were heard of. A trial that is under way counts as if it ran up to its deadline.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/wiring.h"
#include "core/latency_baseline.h"
#include "proxy/trials.h"

namespace hintd::app {

class InlineTrials final : public proxy::Trials {
 public:
  // The house must outlive it.
  explicit InlineTrials(House& house, const Clock& clock);

  // The proxy's, from any thread.
  std::optional<proxy::Trial> due(std::uint64_t fingerprint) noexcept override;
  bool take(std::uint64_t fingerprint) noexcept override;
  void ended(const proxy::TrialEnd& end) noexcept override;

  // The learning thread's. A slow statement ran under the default: perhaps the template's next one
  // is tried.
  void heard(const std::string& sql, const ParsedQuery& parsed, Millis latency);
  // Tells the agent how trials ended.
  void learn();

 private:
  struct Nominee {
    proxy::Trial trial;
    FeatureVector features{};
    Millis usual{0};  // the template's median under the default
    Stopwatch since;
  };
  bool enabled() const;
  bool affordable(Millis deadline) const;
  void forget_if_lost(std::uint64_t fingerprint);
  void nominate(const std::string& sql, const ParsedQuery& parsed, Millis usual, Millis deadline);
  Result<std::optional<Nominee>> nominee(const std::string& sql, const QueryTemplate& of);
  std::vector<ArmId> allowed(std::uint64_t fingerprint) const;
  void learn_from(const proxy::TrialEnd& end, const Nominee& nominee);

  House& house_;
  const Clock& clock_;

  // The learning thread's.
  Rng rng_;
  LatencyBaseline baseline_;
  std::unordered_map<std::uint64_t, Nominee> nominees_;  // due or under way, by template
  Millis heard_{0};                                      // of all slow statements
  Millis lost_{0};                                       // by trials that have ended
  Millis reserved_{0};                                   // for those in nominees_

  // Shared with the proxy.
  std::atomic<int> due_count_{0};  // so that a statement takes no lock while nothing is due
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, proxy::Trial> due_;
  std::vector<proxy::TrialEnd> ended_;
};

}  // namespace hintd::app
