// What can be proved together in the time left. A paired run proves as much as the policy saves on
// average, so templates that save little make the proof of all long.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "core/clock.h"

namespace hintd::learning {

// A template that was no slower when it was tried by itself.
struct TriedTemplate {
  std::uint64_t fingerprint = 0;
  double weight = 0;           // its part of the traffic's time
  std::vector<double> saving;  // a paired run each: 1 - candidate / deployed
  Millis took{0};              // all of them
};

// Paired runs drawn by weight that a bet (core/confidence_sequence.h) at its best needs to show
// that the templates together save more than `wanted`, if they save as they did when tried;
// infinite where they do not.
double pairs_needed(std::span<const TriedTemplate> tried, double wanted, double worst_saving,
                    double alpha);

// Of the sets "all that save at least so much" the one that saves the most time and can probably be
// proved in `left`; where none can, the one soonest proved. Fingerprints.
std::set<std::uint64_t> provable_part(std::vector<TriedTemplate> tried, double wanted,
                                      double worst_saving, double alpha, Millis left);

}  // namespace hintd::learning
