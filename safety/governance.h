// Checks what hintd proposes against the governance file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "safety/governance_config.h"

namespace hintd::safety {

// A rule that would serve; empty fields are not known and not checked.
struct Proposal {
  std::string hint_set;
  std::string fingerprint;
  std::string normalized;  // the template's text
  std::string role;
  std::string mode;
  std::optional<int> hour;  // of the day, UTC
  double risk = 0;          // largest measured slowdown, part of the default's time
};

struct GovernanceVerdict {
  bool allowed = true;
  std::string rule;  // what decided: "hint_sets.deny"; empty when nothing stands against it
  std::string why;   // one line, with the spec's id and version
};

GovernanceVerdict check(const PolicySpec& spec, const Proposal& proposal);

// Does the text name the table, as a whole word, quoted or not? A column of that name counts too:
// where in doubt it is left alone.
bool names_table(std::string_view normalized, std::string_view table);

int hour_of(TimePoint time);

}  // namespace hintd::safety
