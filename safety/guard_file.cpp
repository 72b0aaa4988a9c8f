#include "safety/guard_file.h"

#include "core/byte_codec.h"
#include "core/checked_file.h"

namespace hintd::safety {
namespace {

constexpr FileFormat kFormat{"hintd guards", 2, "does not hold usable guards",
                             "move it away to start without what they knew"};

// Each goes over the fields of what is written or read.

void fields_of_test(auto& io, auto& test) {
  auto& scale = test.scale;
  io.number(scale.center, scale.spread, scale.mean, scale.variance, scale.size);
  io.number(test.first_block, test.block);
  io.number(test.in_block.scores, test.in_block.runs, test.whole.scores, test.whole.runs);
}

void fields_of_policy_watch(auto& io, auto& watch) {
  io.number(watch.block, watch.runs, watch.latency_ms, watch.default_ms, watch.scores,
            watch.variance, watch.mean_default_ms, watch.seen);
  io.map(watch.runs_of_template, [&](auto& runs) { io.number(runs); });
  for (auto& capital : watch.log_capital) io.number(capital);
}

void fields_of_default_runs(auto& io, auto& state) {
  io.map(state.default_runs, [&](auto& runs) {
    io.list(runs, [&](auto& run) {
      io.number(run.latency_ms);
      io.numbers(run.literals);
    });
  });
}

// What is known of arms.
void fields_of_arms(auto& io, auto& state) {
  io.list(state.scopes, [&](auto& scope) {
    io.number(scope.key, scope.failures, scope.convictions, scope.open_until_us);
  });
  io.list(state.watches, [&](auto& watch) {
    io.number(watch.fingerprint, watch.arm, watch.next_block);
    io.optional(watch.test, [&](auto& test) { fields_of_test(io, test); });
  });
  io.number(state.policy_version, state.taken_back);
  fields_of_policy_watch(io, state.policy_watch);
  auto& failures = state.policy_failures;
  io.number(failures.block, failures.runs, failures.failures);
}

}  // namespace

Status save_guards(const std::filesystem::path& path, const GuardState& state,
                   const std::vector<std::string>& arms) {
  ByteWriter out;
  out.list(arms, [&](const auto& arm) { out.text(arm); });
  fields_of_default_runs(out, state);
  fields_of_arms(out, state);
  return replace_checked_file(path, kFormat, out.take());
}

Result<GuardState> load_guards(const std::filesystem::path& path,
                               const std::vector<std::string>& arms) {
  HINTD_TRY(const auto content, read_checked_file(path, kFormat));
  ByteReader in(content);
  std::vector<std::string> stored_arms;
  GuardState state;
  in.list(stored_arms, [&](auto& arm) { in.text(arm); });
  fields_of_default_runs(in, state);
  if (stored_arms != arms) return state;
  fields_of_arms(in, state);
  if (!in.whole()) return unusable_file(path, kFormat, "it does not read as what hintd writes");
  return state;
}

}  // namespace hintd::safety
