#include <map>

#include "telemetry/reader.h"
#include "telemetry/stored_time.h"

namespace hintd::telemetry {
namespace {

// Files of schema 1 do not say which statement it was.
std::string runs_sql(std::int64_t version) {
  return std::string(
             "SELECT o.time, t.fingerprint, o.explorer, a.name, r.name, o.policy_version, "
             "o.propensity, o.latency_us, o.arm_latency_us, o.timed_out, o.error_id IS NOT "
             "NULL, ") +
         (version >= 2 ? "o.statement" : "0") +
         " FROM observations o JOIN templates t ON t.id = o.template_id "
         "JOIN arms a ON a.id = o.arm_id JOIN reasons r ON r.id = o.reason_id "
         "WHERE o.id > (SELECT ifnull(max(id), 0) FROM observations) - ? AND o.time >= ? "
         "ORDER BY o.id";
}

DecisionReason reason_named(std::string_view name) {
  for (int i = 0; i < kDecisionReasonCount; ++i)
    if (to_string(static_cast<DecisionReason>(i)) == name) return static_cast<DecisionReason>(i);
  return DecisionReason::kUnknownTemplate;
}

}  // namespace

Result<std::vector<LoggedRun>> Reader::read_runs(const std::vector<std::string>& arm_names,
                                                 TimePoint since, std::int64_t most) {
  std::map<std::string, ArmId, std::less<>> arms;
  for (std::size_t arm = 0; arm < arm_names.size(); ++arm)
    arms.emplace(arm_names[arm], static_cast<ArmId>(arm));
  HINTD_TRY(const auto version, database_.integer("PRAGMA user_version"));
  HINTD_TRY(auto rows, database_.prepare(runs_sql(version)));
  std::vector<LoggedRun> runs;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        const auto arm = arms.find(row.text(3));
        if (arm == arms.end()) return;
        LoggedRun run;
        run.time = time_point(row.integer(0));
        run.fingerprint = static_cast<std::uint64_t>(row.integer(1));
        run.kind = row.integer(2) != 0 ? RunKind::kExplorer : RunKind::kUser;
        run.arm = arm->second;
        run.reason = reason_named(row.text(4));
        run.policy_version = static_cast<std::uint32_t>(row.integer(5));
        run.propensity = row.real(6);
        run.latency_ms = millis(row.integer(7));
        run.arm_latency_ms = millis(row.integer(8));
        run.timed_out = row.integer(9) != 0;
        run.failed = row.integer(10) != 0;
        run.statement = static_cast<std::uint64_t>(row.integer(11));
        runs.push_back(run);
      },
      most, micros(since)));
  return runs;
}

Result<std::map<std::uint64_t, std::string>> Reader::read_templates() {
  HINTD_TRY(auto rows, database_.prepare("SELECT fingerprint, normalized FROM templates"));
  std::map<std::uint64_t, std::string> texts;
  HINTD_TRY_STATUS(rows.for_each([&](const Statement& row) {
    texts.emplace(static_cast<std::uint64_t>(row.integer(0)), row.text(1));
  }));
  return texts;
}

Result<std::map<std::uint64_t, std::string>> Reader::read_samples() {
  HINTD_TRY(auto rows, database_.prepare(
                           "SELECT fingerprint, sample FROM templates WHERE sample IS NOT NULL"));
  std::map<std::uint64_t, std::string> samples;
  HINTD_TRY_STATUS(rows.for_each([&](const Statement& row) {
    samples.emplace(static_cast<std::uint64_t>(row.integer(0)), row.text(1));
  }));
  return samples;
}

}  // namespace hintd::telemetry
