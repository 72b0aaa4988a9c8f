// Operations on a house that runs.
#pragma once

#include <functional>
#include <mutex>

#include "app/server_gauges.h"
#include "app/statement_samples.h"
#include "app/tune_runs.h"
#include "app/wiring.h"
#include "core/operations.h"
#include "learning/policy/policy_store.h"
#include "safety/resource_limits.h"

namespace hintd::app {

// Level 2's generations, a line each, in the folder of its checkpoint.
inline constexpr const char* kGenerationsFile = "generations.jsonl";

// What differs between the commands. Called from any thread.
struct HouseSwitches {
  std::function<bool()> hints_on;
  std::function<void(bool)> switch_hints;
  std::function<std::vector<Gauge>()> gauges = {};        // further ones; may be empty
  std::function<double()> explorer_budget_s = {};         // null: not bounded by a sum
  std::function<Result<ReloadedSettings>()> reload = {};  // null: settings stay as they are
  std::function<std::vector<JobTimes>()> jobs = {};       // null: none
  std::optional<std::filesystem::path> config_file = {};  // that was named
};

class HouseOperations final : public Operations {
 public:
  // All must outlive it; `folder` holds policies, anchors, log and the audit log of changes.
  HouseOperations(House& house, const StatementSamples& samples, std::filesystem::path folder,
                  std::string dsn, const Clock& clock, HouseSwitches switches);

  LiveStatus status() const override;
  Status set_mode(Mode mode, const ChangeNote& note) override;
  Status switch_hints(bool on, const ChangeNote& note) override;
  Result<ReloadedSettings> reload_settings(const ChangeNote& note) override;
  std::vector<OrderedTemplate> orders() const override;
  Status order(std::uint64_t fingerprint, TemplateOrder order, const ChangeNote& note) override;
  Result<std::vector<PolicySummary>> policies() const override;
  Result<std::string> policy_text(std::uint32_t id) const override;
  Status decide_policy(std::string_view action, std::uint32_t id, const ChangeNote& note) override;
  Result<std::vector<AuditEntry>> audit(std::int64_t before, std::size_t limit) const override;
  Result<Explanation> explain(std::string_view sql) override;
  Result<Explanation> explain_template(std::uint64_t fingerprint) override;
  Result<std::uint32_t> start_tune(std::string_view workload, Seconds budget,
                                   const ChangeNote& note) override;
  Status stop_tune(std::uint32_t id, const ChangeNote& note) override;
  std::vector<TuneRun> tunes() const override { return tunes_.list(); }
  Result<std::string> tune_report(std::uint32_t id) const override { return tunes_.report(id); }
  Result<std::string> tune_policy(std::uint32_t id) const override { return tunes_.policy(id); }
  std::vector<JobTimes> jobs() const override;
  std::vector<Gauge> server_gauges() override { return server_.gauges(); }
  std::vector<std::string> log_tail(std::size_t lines) const override;
  std::string meta_json() const override;
  std::string anchors_json() const override;

 private:
  Status note_change(const ChangeNote& note, const std::string& action,
                     const std::string& subject) const;
  // From the rule in force; null where there is none.
  const TemplateRule* rule_of(const Policy* policy, std::uint64_t fingerprint) const;
  // kConflict where no version was ever made here.
  Result<learning::PolicyStore> store() const;
  Status put_in_force(const learning::PolicyStore& store);
  Result<Explanation> explain_parsed(std::string_view sql, const ParsedQuery& parsed);

  House& house_;
  const StatementSamples& samples_;
  const std::filesystem::path folder_;
  const std::string dsn_;
  const Clock& clock_;
  const HouseSwitches switches_;
  mutable std::mutex host_mutex_;
  mutable safety::HostMonitor host_;
  mutable TuneRuns tunes_;
  ServerGauges server_;
  std::mutex explain_mutex_;
  std::unique_ptr<database::PgExecutor> executor_;  // made at the first question
};

}  // namespace hintd::app
