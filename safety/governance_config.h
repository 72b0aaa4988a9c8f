#pragma once

#include <string>
#include <vector>

namespace hintd::safety {

// What hintd may do at all, as those who answer for the database wrote it down
// (config/policy_spec.yaml).
struct PolicySpec {
  // Names, or "*" for all. What is denied is denied, whatever is allowed beside it.
  struct Names {
    std::vector<std::string> allow = {"*"};
    std::vector<std::string> deny;
  };

  std::string id = "unrestricted";
  int version = 0;
  Names hint_sets;  // of config/hints.yaml
  Names templates;  // fingerprints, 16 hexadecimal digits
  Names tables;     // deny alone: a statement that names a denied table keeps the default
  Names roles;      // database roles whose statements may be hinted
  Names modes;      // observe, advise, steer
  // Hours of the day, UTC, in which policies may be deployed: from, up to but without to; from
  // after to reaches over midnight.
  int hour_from = 0;  // 0..23
  int hour_to = 24;   // 1..24
  // The largest part by which any measured statement may have become slower under a rule. 0..10.
  double max_risk = 10;
};

}  // namespace hintd::safety
