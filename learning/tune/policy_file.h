// policy.json: what `hintd tune` hands on to `serve`, `bench live` and people.
#pragma once

#include <filesystem>
#include <string>

#include "core/policy.h"
#include "core/result.h"
#include "core/tuned_policy.h"

namespace hintd::learning {

inline constexpr int kPolicySchema = 1;

std::string policy_json(const TunedPolicy& policy);

// Whole or not at all: written beside the file, then moved over it. kExhausted when it cannot be.
Status save_policy(const std::filesystem::path& path, const TunedPolicy& policy);

// kNotFound without a file; kCorrupt, with the reason, for one that is not of this schema.
Result<TunedPolicy> load_policy(const std::filesystem::path& path);

// As rules of the serving memory, for the arms of a catalogue: a template's hint for all literals,
// and where a template has a single literal the hints of its values. Statements that only several
// literals together could tell apart are left out, as are hint sets that the catalogue has not or
// has with other settings.
TemplateRules rules_of(const TunedPolicy& policy, const HintCatalogue& catalogue);

}  // namespace hintd::learning
