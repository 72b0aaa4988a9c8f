// Leaves arms alone after they failed several times in a row: one arm for one template, a template
// whatever the arm, an arm whatever the template, and hinting as a whole.
//
// Closed: the arm may be used. Open, after too many failures: it may not, until the cool-down is
// over. Then half open: it may be tried again; one more failure opens it for another cool-down, a
// success closes it.
//
// Thread-safe without locks: the states stand in a table of fixed size, in which a pair of template
// and arm takes a place at its first failure and keeps it. Where a table is so full that a failure
// finds no place, arms without one are refused from then on.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/optimizer.h"
#include "safety/safety_config.h"

namespace hintd::safety {

class CircuitBreaker final : public Guard {
 public:
  // The clock must outlive the breaker.
  CircuitBreaker(const SafetyConfig& config, const Clock& clock);
  ~CircuitBreaker() override;

  // Always true for the default.
  bool allows(std::uint64_t fingerprint, ArmId arm) const noexcept override;

  // A run under the arm passed its deadline, or failed. True when that stopped hinting as a whole.
  bool failed(std::uint64_t fingerprint, ArmId arm) noexcept;
  // A run under the arm did well.
  void succeeded(std::uint64_t fingerprint, ArmId arm) noexcept;
  // The arm was found slower than the default for the template: opens at once, for twice as long
  // each time.
  void convicted(std::uint64_t fingerprint, ArmId arm) noexcept;
  // Another policy is in force: hinting as a whole gets a new chance.
  void close_everywhere() noexcept;

  // Scopes that are open now, looked for in the whole table.
  std::int64_t open_count() const noexcept;

  // What it knows of one scope, for a file; the key means nothing to others.
  struct ScopeState {
    std::uint64_t key = 0;
    int failures = 0;  // in a row
    int convictions = 0;
    std::int64_t open_until_us = 0;  // of the clock
  };
  std::vector<ScopeState> scopes() const;
  void restore(const ScopeState& scope) noexcept;

 private:
  struct Place;
  // Keys of what a run under the arm counts for.
  std::array<std::uint64_t, 4> scopes_of(std::uint64_t fingerprint, ArmId arm) const noexcept;
  int most_failures(std::uint64_t key) const noexcept;
  bool open(std::uint64_t key) const noexcept;
  bool open(const Place& place, std::uint64_t key, std::int64_t now_us) const noexcept;
  // The key's place, or null; `claim` takes a free one.
  Place* find(std::uint64_t key, bool claim) const noexcept;
  std::int64_t now_us() const noexcept;

  const int max_failures_;
  const int max_failures_everywhere_;
  const std::int64_t cooldown_us_;
  const Clock& clock_;
  const std::unique_ptr<Place[]> places_;
  std::atomic<bool> full_{false};
};

}  // namespace hintd::safety
