#include "learning/policy/policy_store.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/durable_file.h"
#include "learning/policy/policy_file.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

std::string name_of(PolicyId id) {
  return "policy " + std::to_string(id);
}

tl::unexpected<Error> unknown(PolicyId id) {
  return fail(ErrorKind::kNotFound, "there is no " + name_of(id), "see hintd policy list");
}

bool may_serve(const StoreState& state, PolicyId id) {
  if (id == kNoPolicy) return true;
  const auto it = state.policies.find(id);
  return it != state.policies.end() && !it->second.banned &&
         (it->second.state == PolicyState::kApproved ||
          it->second.state == PolicyState::kPreferred);
}

// What served before and still may; takes it out of the history.
PolicyId last_good(StoreState& state) {
  while (!state.history.empty()) {
    const auto id = state.history.back();
    state.history.pop_back();
    if (id != state.deployed && may_serve(state, id)) return id;
  }
  return kNoPolicy;
}

void take_back(StoreState& state) {
  state.deployed = last_good(state);
  state.pinned = false;
}

Status check_may_serve(const StoreState& state, PolicyId id) {
  if (id == kNoPolicy) return {};
  const auto it = state.policies.find(id);
  if (it == state.policies.end()) return unknown(id);
  if (it->second.banned)
    return fail(ErrorKind::kConflict, name_of(id) + " is banned: " + it->second.why,
                "deploy another version");
  if (may_serve(state, id)) return {};
  return fail(ErrorKind::kConflict, name_of(id) + " is " + std::string(to_string(it->second.state)),
              "hintd policy approve " + std::to_string(id) + " first");
}

void put_in_force(StoreState& state, PolicyId id) {
  if (id == state.deployed) return;
  state.history.push_back(state.deployed);
  state.deployed = id;
}

}  // namespace

PolicyStore::PolicyStore(std::filesystem::path folder, std::string server,
                         const HintCatalogue& catalogue, const Clock& clock)
    : folder_(std::move(folder)),
      server_(std::move(server)),
      catalogue_(&catalogue),
      clock_(&clock) {}

Result<PolicyStore> PolicyStore::open(std::filesystem::path folder, std::string server,
                                      const HintCatalogue& catalogue, const Clock& clock) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(ErrorKind::kUnavailable,
                "cannot make the folder " + folder.string() + ": " + error.message(),
                "choose another one with --out");
  PolicyStore store(std::move(folder), std::move(server), catalogue, clock);
  if (store.server_.empty()) HINTD_TRY_STATUS(store.adopt_server());
  HINTD_TRY_STATUS(store.mend());
  return store;
}

Status PolicyStore::adopt_server() {
  HINTD_TRY(const auto text, read_file(folder_ / "state.json"));
  server_ = server_of(text);
  return {};  // what is wrong with the rest, read_state says
}

std::filesystem::path PolicyStore::file_of(PolicyId id) const {
  char name[32];
  std::snprintf(name, sizeof name, "%06u.json", id);
  return folder_ / name;
}

Result<StoreState> PolicyStore::read_state() const {
  const auto text = read_file(folder_ / "state.json");
  if (!text) return StoreState{};
  return store_state_from(*text, server_, folder_.string());
}

Status PolicyStore::write_state(const StoreState& state) const {
  return replace_file(folder_ / "state.json", to_text(state, server_));
}

Status PolicyStore::write_audit(StoreState& state, const std::string& actor,
                                const std::string& action, PolicyId id, const std::string& detail) {
  const json line = {{"line", ++state.audit_lines},
                     {"time_us", micros(clock_->now())},
                     {"actor", actor},
                     {"action", action},
                     {"policy", id},
                     {"detail", detail}};
  return append_line(folder_ / "audit.jsonl", line.dump());
}

std::vector<AuditLine> PolicyStore::audit() const {
  std::vector<AuditLine> lines;
  const auto text = read_file(folder_ / "audit.jsonl");
  if (!text) return lines;
  std::istringstream in(*text);
  for (std::string line; std::getline(in, line);) {
    const auto entry = json::parse(line, nullptr, false);
    if (!entry.is_object()) continue;  // torn by a kill
    lines.push_back({entry.value("line", std::int64_t{0}),
                     time_point(entry.value("time_us", std::int64_t{0})), entry.value("actor", ""),
                     entry.value("action", ""), entry.value("policy", kNoPolicy),
                     entry.value("detail", "")});
  }
  return lines;
}

Status PolicyStore::mend() {
  HINTD_TRY(const auto lock, FileLock::take(folder_ / "lock"));
  HINTD_TRY(auto state, read_state());
  const auto path = folder_ / "audit.jsonl";
  const auto text = read_file(path);
  if (!text || text->empty()) return {};
  // A line that a kill cut short gets its end, so that the next one stands alone.
  if (text->back() != '\n') HINTD_TRY_STATUS(append_line(path, ""));
  const auto lines = audit();
  if (lines.empty() || lines.back().line <= state.audit_lines) return {};
  state.audit_lines = lines.back().line;
  HINTD_TRY_STATUS(write_audit(
      state, "hintd", "not_done", lines.back().policy,
      "line " + std::to_string(lines.back().line) + " did not take effect: the process ended"));
  return write_state(state);
}

template <class Change>
Status PolicyStore::decide(const std::string& actor, const std::string& action, PolicyId id,
                           const std::string& detail, Change change) {
  HINTD_TRY(const auto lock, FileLock::take(folder_ / "lock"));
  HINTD_TRY(auto state, read_state());
  HINTD_TRY_STATUS(change(state));
  HINTD_TRY_STATUS(write_audit(state, actor, action, id, detail));
  return write_state(state);
}

Result<StoreState> PolicyStore::state() const {
  return read_state();
}

Result<PolicyVersion> PolicyStore::load(PolicyId id) const {
  if (id == kNoPolicy) return PolicyVersion{};
  HINTD_TRY(const auto state, read_state());
  if (!state.policies.contains(id)) return unknown(id);
  const auto path = file_of(id);
  HINTD_TRY(const auto text, read_file(path));
  HINTD_TRY(auto policy, policy_from(text, *catalogue_, path.string()));
  if (policy.id == id && policy.server == server_) return policy;
  return fail(ErrorKind::kConflict, path.string() + " is another policy than its name says",
              "restore the file");
}

Result<PolicyId> PolicyStore::add(PolicyVersion policy, const std::string& actor) {
  PolicyId id = kNoPolicy;
  HINTD_TRY(const auto lock, FileLock::take(folder_ / "lock"));
  HINTD_TRY(auto state, read_state());
  id = state.policies.empty() ? 1 : state.policies.rbegin()->first + 1;
  policy.id = id;
  policy.parent = state.deployed;
  policy.made = clock_->now();
  policy.server = server_;
  HINTD_TRY_STATUS(replace_file(file_of(id), to_text(policy, *catalogue_)));
  state.policies[id].head = {policy.parent, policy.made,
                             static_cast<std::int64_t>(policy.rules.size()), steered(policy.rules),
                             policy.evidence};
  HINTD_TRY_STATUS(write_audit(
      state, actor, "add", id,
      std::to_string(policy.rules.size()) + " templates, parent " + std::to_string(policy.parent)));
  HINTD_TRY_STATUS(write_state(state));
  return id;
}

Result<PolicyId> PolicyStore::import(std::string_view text, const std::string& name,
                                     const std::string& actor) {
  HINTD_TRY(auto policy, policy_from(text, *catalogue_, name));
  if (policy.server != server_)
    return fail(
        ErrorKind::kConflict,
        name + " was measured on another server (" + policy.server + ", not " + server_ + ")",
        "what is faster there may be slower here: let hintd learn on this one");
  return add(std::move(policy), actor);
}

Status PolicyStore::approve(PolicyId id, const std::string& actor, const std::string& why) {
  return decide(actor, "approve", id, why, [&](StoreState& state) -> Status {
    const auto it = state.policies.find(id);
    if (it == state.policies.end()) return unknown(id);
    if (it->second.banned)
      return fail(ErrorKind::kConflict,
                  name_of(id) + " is banned and cannot be approved: " + it->second.why,
                  "approve another version");
    if (it->second.state != PolicyState::kPreferred) it->second.state = PolicyState::kApproved;
    it->second.why = why;
    return {};
  });
}

Status PolicyStore::reject(PolicyId id, const std::string& actor, const std::string& why) {
  return decide(actor, "reject", id, why, [&](StoreState& state) -> Status {
    const auto it = state.policies.find(id);
    if (it == state.policies.end()) return unknown(id);
    it->second.state = PolicyState::kRejected;
    it->second.why = why;
    if (state.deployed == id) take_back(state);
    return {};
  });
}

Status PolicyStore::ban(PolicyId id, const std::string& actor, const std::string& why) {
  return decide(actor, "ban", id, why, [&](StoreState& state) -> Status {
    const auto it = state.policies.find(id);
    if (it == state.policies.end()) return unknown(id);
    it->second.state = PolicyState::kRejected;
    it->second.banned = true;
    it->second.why = why;
    if (state.deployed == id) take_back(state);
    return {};
  });
}

Status PolicyStore::deploy(PolicyId id, const std::string& actor, const std::string& why) {
  return decide(actor, "deploy", id, why, [&](StoreState& state) -> Status {
    HINTD_TRY_STATUS(check_may_serve(state, id));
    if (state.pinned && id != state.deployed)
      return fail(ErrorKind::kConflict, name_of(state.deployed) + " is pinned",
                  "hintd policy unpin first");
    put_in_force(state, id);
    return {};
  });
}

Status PolicyStore::pin(PolicyId id, const std::string& actor) {
  return decide(actor, "pin", id, "", [&](StoreState& state) -> Status {
    HINTD_TRY_STATUS(check_may_serve(state, id));
    for (auto& [other, status] : state.policies)
      if (status.state == PolicyState::kPreferred) status.state = PolicyState::kApproved;
    if (id != kNoPolicy) state.policies[id].state = PolicyState::kPreferred;
    put_in_force(state, id);
    state.pinned = true;
    return {};
  });
}

Status PolicyStore::unpin(const std::string& actor) {
  return decide(actor, "unpin", kNoPolicy, "", [](StoreState& state) -> Status {
    if (!state.pinned)
      return fail(ErrorKind::kConflict, "no policy is pinned", "see hintd policy list");
    state.pinned = false;
    return {};
  });
}

Result<PolicyId> PolicyStore::roll_back(const std::string& actor, const std::string& why) {
  PolicyId now = kNoPolicy;
  HINTD_TRY(const auto before, read_state());
  HINTD_TRY_STATUS(
      decide(actor, "rollback", before.deployed, why, [&](StoreState& state) -> Status {
        if (state.deployed == kNoPolicy)
          return fail(ErrorKind::kConflict, "PostgreSQL's own planner serves: nothing to roll back",
                      "see hintd policy list");
        auto& status = state.policies[state.deployed];
        status.state = PolicyState::kRejected;
        status.why = why;
        take_back(state);
        now = state.deployed;
        return {};
      }));
  return now;
}

Status PolicyStore::note(const std::string& actor, const std::string& action, PolicyId id,
                         const std::string& detail) {
  return decide(actor, action, id, detail, [](StoreState&) { return Status{}; });
}

}  // namespace hintd::learning
