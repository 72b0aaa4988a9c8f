// A policy version as text: JSON with a format number and a checksum, arms by name, literals as
// hashes only.
#pragma once

#include <string>
#include <string_view>

#include "core/hint_set.h"
#include "core/result.h"
#include "learning/policy/policy_version.h"

namespace hintd::learning {

std::string to_text(const PolicyVersion& policy, const HintCatalogue& catalogue);

// `name` is said in errors: kCorrupt for text that is not a policy or was changed, kConflict when
// it uses hint sets that the catalogue does not have.
Result<PolicyVersion> policy_from(std::string_view text, const HintCatalogue& catalogue,
                                  const std::string& name);

}  // namespace hintd::learning
