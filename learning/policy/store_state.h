// Which policies may serve, and which one does: the content of a policy store's state.json.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "learning/policy/policy_version.h"

namespace hintd::learning {

// What a list says of a version, whose file may be large.
struct PolicyHead {
  PolicyId parent = kNoPolicy;
  TimePoint made;
  std::int64_t templates = 0;
  std::int64_t steered = 0;  // of them
  std::string evidence;      // JSON, or empty
};

struct PolicyStatus {
  PolicyState state = PolicyState::kUnapproved;
  bool banned = false;  // for good: it can neither be approved nor deployed
  std::string why;      // of the last decision on it
  PolicyHead head;
};

struct StoreState {
  std::map<PolicyId, PolicyStatus> policies;
  PolicyId deployed = kNoPolicy;
  bool pinned = false;            // the deployed one stays, whatever is learned
  std::vector<PolicyId> history;  // deployed before, oldest first
  std::int64_t audit_lines = 0;
};

// JSON with a checksum.
std::string to_text(const StoreState& state, const std::string& server);

// `folder` is said in errors: kCorrupt for text that is damaged or not a state, kConflict for
// another server's.
Result<StoreState> store_state_from(std::string_view text, const std::string& server,
                                    const std::string& folder);

// The server that the text names; empty where it cannot be read.
std::string server_of(std::string_view text);

}  // namespace hintd::learning
