#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"

namespace hintd::learning {

inline constexpr const char* kOwnRole = "own";

// How users' statements meet a choice with patience (core/policy.h): hedged, over two connections,
// or on the only one that a proxy has, where the arm takes the default's place.
enum class Connections : std::uint8_t { kOne, kTwo };

// Level 1: how a policy is learned from telemetry, and what it must show before it is deployed.
struct Level1Config {
  // Time between two attempts, of the calendar. s, 1..2592000.
  Seconds every{3'600};
  // Part of the time of the statements it changes that a candidate must save, by the lower bound,
  // over the default and over the policy it replaces. 0..1.
  double min_improvement = 0.02;
  // Chance that a candidate which saves less than that is deployed all the same. 1e-6..0.5.
  double false_promotions = 0.05;
  // Paired runs a candidate gets at most, and how long they may take in all. 5..100000, s 1..86400.
  int max_pairs = 150;
  double sandbox_budget_s = 60;
  // Part of the time that may be spent off the users' path (exploring takes the rest) that attempts
  // may take together. 0.01..0.9.
  double sandbox_share = 0.2;
  // A template that is slower than this multiple of its default, median of three pairs or more,
  // fails the candidate whatever it saves elsewhere. 1..100.
  double max_template_ratio = 1.25;
  // Statements of a template kept for paired runs, drawn evenly from its traffic. 1..1000.
  int statements_per_template = 16;
  // The role under which they run, e.g. one with pg_read_all_data alone; kOwnRole: the
  // connection's own. The session is read-only either way.
  std::string sandbox_role = kOwnRole;
};

}  // namespace hintd::learning
