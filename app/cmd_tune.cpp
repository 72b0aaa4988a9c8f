#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/demo_database.h"
#include "app/interrupt.h"
#include "app/output_folder.h"
#include "app/time_span.h"
#include "app/tune_lock.h"
#include "app/wiring.h"
#include "app/workload_source.h"
#include "core/durable_file.h"
#include "core/log.h"
#include "dashboard/tune_html.h"
#include "database/postgres/measured_on.h"
#include "database/postgres/retry.h"
#include "learning/policy/memory_file.h"
#include "learning/tune/policy_file.h"
#include "telemetry/format.h"
#include "telemetry/tune_advice.h"

namespace hintd::app {
namespace {

using learning::Tuner;
using telemetry::TuneReport;

constexpr auto kCheckpoint = std::chrono::seconds(10);

const char* stage_name(Tuner::Stage stage) {
  switch (stage) {
    case Tuner::Stage::kMeasure:
      return "measuring defaults";
    case Tuner::Stage::kPlan:
      return "planning";
    case Tuner::Stage::kExplore:
      return "exploring";
    case Tuner::Stage::kConfirm:
      return "confirming";
    case Tuner::Stage::kSpread:
      return "checking other literals";
    case Tuner::Stage::kDone:
      return "done";
  }
  return "";
}

Result<MeasuredOn> read_state(const std::string& dsn) {
  HINTD_TRY(auto connection, database::Connection::open({dsn}));
  return database::read_measured_on(connection);
}

class Tune {
 public:
  Tune(const CommonOptions& common, const TuneCommand& command)
      : common_(common),
        command_(command),
        out_(command.out.empty() ? common.data_dir / "tune" : command.out),
        progress_(common.json) {}

  Result<int> run() {
    HINTD_TRY(settings_, settings_for(common_));
    HINTD_TRY(const auto catalogue, catalogue_for(common_, settings_));
    HINTD_TRY(budget_, parse_span("--budget", command_.budget));
    HINTD_TRY_STATUS(make_output_folder(out_));
    HINTD_TRY(const auto lock, lock_for_tuning(out_));
    HINTD_TRY_STATUS(log_to_files(out_, settings_.log_level));
    catch_interrupts();
    HINTD_TRY(auto database, DemoDatabase::open(common_.dsn, common_.data_dir, progress_));
    dsn_ = database.dsn();
    HINTD_TRY(auto workload, load_workload(command_.workload, dsn_));
    HINTD_TRY(auto accepted, accepted_catalogue(dsn_, catalogue));
    HINTD_TRY(measured_on_, read_state(dsn_));
    PlanMemory memory;
    if (command_.resume) {
      HINTD_TRY(memory, resumed(accepted.catalogue));
    }
    return tune(std::move(workload), accepted.catalogue, memory);
  }

 private:
  // What an earlier run measured, unless it no longer holds.
  Result<PlanMemory> resumed(const HintCatalogue& catalogue) {
    const auto file = out_ / "memory.ckpt";
    if (!std::filesystem::exists(file))
      return fail(ErrorKind::kNotFound, "there is nothing to resume in " + out_.string(),
                  "leave out --resume, or give the --out of the run to go on with");
    HINTD_TRY(auto policy, learning::load_policy(out_ / "policy.json"));
    HINTD_TRY(auto stored, learning::load_memory(file, catalogue));
    if (const auto stale = measured_on_.stale_reason(policy.measured_on); !stale.empty()) {
      note("the evidence of " + policy.created + " is stale, because " + stale +
           ": everything is measured anew");
      return PlanMemory{};
    }
    if (measured_on_.statistics != policy.measured_on.statistics)
      note("tables have grown or shrunk since " + policy.created +
           ": the evidence of then is used, plans may have changed");
    return std::move(stored.memory);
  }

  void note(const std::string& text) {
    notes_.push_back(text);
    progress_.say(text);
  }

  struct Lane {
    std::unique_ptr<database::PgExecutor> pg;
    std::unique_ptr<safety::GuardedExecutor> guarded;
  };
  // The connections of --jobs after the first.
  Result<std::vector<Lane>> connect_beside(const Clock& clock) const {
    std::vector<Lane> lanes;
    for (int job = 1; job < command_.jobs; ++job) {
      HINTD_TRY(auto pg, database::PgExecutor::connect({dsn_}));
      auto guarded = std::make_unique<safety::GuardedExecutor>(*pg, settings_.safety, clock);
      lanes.push_back({std::move(pg), std::move(guarded)});
    }
    return lanes;
  }

  Result<int> tune(LoadedWorkload workload, const HintCatalogue& catalogue, PlanMemory& memory) {
    for (const auto& [name, reason] : workload.skipped)
      log_info("statement_skipped", {{"name", name}, {"reason", reason}});
    SystemClock clock;
    HINTD_TRY(auto pg, database::PgExecutor::connect({dsn_}));
    progress_.say(std::to_string(workload.statements.size()) + " statements, " +
                  std::to_string(workload.skipped.size()) + " skipped; PostgreSQL " +
                  measured_on_.server_version + ", " + std::to_string(catalogue.size()) +
                  " hint sets");
    safety::GuardedExecutor executor(*pg, settings_.safety, clock);
    HINTD_TRY(auto beside, connect_beside(clock));
    learning::TunerConfig config;
    config.budget = budget_;
    config.max_statement = settings_.safety.max_statement;
    config.min_latency_ms = settings_.rules.min_latency_ms;
    config.min_statements = settings_.rules.min_statements;
    config.max_regression = settings_.rules.max_regression;
    learning::TunerParts parts{catalogue, executor, memory, {}};
    for (const auto& lane : beside) parts.beside.push_back(lane.guarded.get());
    Tuner tuner(config, std::move(parts), std::move(workload.statements),
                Rng(settings_.workload.seed));
    const auto ended = work_through(tuner, memory, catalogue, clock);
    if (!ended) log_error("tune_ended", {{"error", ended.error().text()}});

    auto report = report_of(tuner, std::move(workload.skipped), outcome_of(ended), clock);
    if (ended) {
      HINTD_TRY_STATUS(check_state(report));
      add_plans(report, executor, catalogue);
    }
    HINTD_TRY_STATUS(save(tuner, memory, catalogue, clock));
    HINTD_TRY_STATUS(write(report));
    if (!ended && ended.error().kind != ErrorKind::kCancelled)
      return tl::make_unexpected(ended.error());
    return ended ? kExitDone : kExitFailed;
  }

  static std::string outcome_of(const Status& ended) {
    if (ended) return "completed";
    return ended.error().kind == ErrorKind::kCancelled ? "interrupted"
                                                       : "failed: " + ended.error().message;
  }

  Status work_through(Tuner& tuner, const PlanMemory& memory, const HintCatalogue& catalogue,
                      Clock& clock) {
    Stopwatch since_checkpoint;
    const auto step = [&]() -> Result<bool> {
      if (interrupted()) return fail(ErrorKind::kCancelled, "interrupted");
      return tuner.step();
    };
    for (;;) {
      auto more = step();
      if (!more && more.error().kind == ErrorKind::kUnavailable) {
        progress_.say("the server is away: " + more.error().message);
        more = database::retry_until_available(clock, {}, step);
      }
      if (!more) return tl::make_unexpected(more.error());
      if (!*more) return {};
      show(tuner);
      if (since_checkpoint.elapsed() < kCheckpoint) continue;
      HINTD_TRY_STATUS(save(tuner, memory, catalogue, clock));
      since_checkpoint = Stopwatch();
    }
  }

  void show(const Tuner& tuner) {
    const double spent = tuner.times().total() / budget_;
    const auto before = tuner.default_total();
    const auto after = tuner.best_total();
    char line[200];
    std::snprintf(
        line, sizeof line, "%s %s  %s of %s  %zu/%zu statements  %s -> %s (%s)  ETA %s",
        bar(spent).c_str(), stage_name(tuner.stage()),
        duration_text(tuner.times().total().count() / 1000).c_str(),
        duration_text(Seconds(budget_).count()).c_str(), tuner.measured(),
        tuner.statements().size(), telemetry::duration_text(before.count()).c_str(),
        telemetry::duration_text(after.count()).c_str(),
        telemetry::times_text(after > Millis::zero() ? before / after : 1).c_str(),
        ("at most " + duration_text(Seconds(budget_ - tuner.times().total()).count())).c_str());
    progress_.update(line);
  }

  TunedPolicy policy_of(const Tuner& tuner, const Clock& clock) const {
    auto policy = tuner.policy();
    policy.created = telemetry::iso_time(clock.now());
    policy.measured_on = measured_on_;
    policy.stale = stale_;
    return policy;
  }

  TuneReport report_of(const Tuner& tuner, std::vector<telemetry::NotTuned> skipped,
                       std::string outcome, const Clock& clock) const {
    const auto seconds = [](Millis ms) { return ms.count() / 1000; };
    TuneReport report;
    report.outcome = std::move(outcome);
    report.policy = policy_of(tuner, clock);
    report.skipped = std::move(skipped);
    report.budget_s = Seconds(budget_).count();
    report.defaults_s = seconds(tuner.times().defaults);
    report.planning_s = seconds(tuner.times().planning);
    report.exploring_s = seconds(tuner.times().exploring);
    report.confirming_s = seconds(tuner.times().confirming);
    for (const auto& [charge, workload] : tuner.curve()) report.curve.push_back({charge, workload});
    report.notes = notes_;
    if (const auto reached = budget_note(tuner); !reached.empty()) report.notes.push_back(reached);
    report.lines = telemetry_lines(tuner, report.policy);
    return report;
  }

  static std::string budget_note(const Tuner& tuner) {
    const auto outcomes = tuner.outcomes();
    const auto missed = std::count_if(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
      return outcome.standing == learning::Standing::kNotReached;
    });
    if (missed == 0) return {};
    return "The budget was too small to measure " + std::to_string(missed) + " of " +
           std::to_string(outcomes.size()) + " statements; go on with --resume and more --budget.";
  }

  static std::vector<telemetry::TuneLine> telemetry_lines(const Tuner& tuner,
                                                          const TunedPolicy& policy);
  // A schema that changed while it was measured.
  Status check_state(TuneReport& report) {
    HINTD_TRY(const auto now, read_state(dsn_));
    stale_ = report.policy.stale = now.stale_reason(measured_on_);
    return {};
  }

  static void add_plans(TuneReport& report, PlanExecutor& executor,
                        const HintCatalogue& catalogue) {
    for (auto& line : report.lines) {
      if (!line.evidence) continue;
      const auto arm = catalogue.find(line.evidence->hint);
      const auto before = executor.explain(line.sql, catalogue[kDefaultArm]);
      const auto after = executor.explain(line.sql, catalogue[arm.value_or(kDefaultArm)]);
      if (!before || !after) continue;
      line.default_plan = to_text(*before);
      line.tuned_plan = to_text(*after);
    }
  }

  Status save(const Tuner& tuner, const PlanMemory& memory, const HintCatalogue& catalogue,
              const Clock& clock) const {
    HINTD_TRY_STATUS(learning::save_policy(out_ / "policy.json", policy_of(tuner, clock)));
    return learning::save_memory(out_ / "memory.ckpt", memory, 0, catalogue);
  }

  Status write(const TuneReport& report) {
    const auto text = telemetry::tune_report_text(report);
    const auto as_json = telemetry::tune_report_json(report);
    HINTD_TRY_STATUS(replace_file(out_ / "report.txt", text));
    HINTD_TRY_STATUS(replace_file(out_ / "report.json", as_json + "\n"));
    HINTD_TRY_STATUS(replace_file(out_ / "report.html", dashboard::tune_html(report)));
    HINTD_TRY_STATUS(
        replace_file(out_ / "pg_hint_plan.sql", telemetry::hint_table_sql(report.policy)));
    HINTD_TRY_STATUS(replace_file(out_ / "set_local.sql", telemetry::set_local_snippets(report)));
    std::cout << (common_.json ? as_json + "\n" : text) << std::flush;
    progress_.say("policy and report: " + out_.string());
    return {};
  }

  const CommonOptions& common_;
  const TuneCommand& command_;
  std::filesystem::path out_;
  Progress progress_;
  config::Settings settings_;
  Millis budget_{0};
  std::string dsn_;
  MeasuredOn measured_on_;
  std::string stale_;
  std::vector<std::string> notes_;
};

std::vector<telemetry::TuneLine> Tune::telemetry_lines(const Tuner& tuner,
                                                       const TunedPolicy& policy) {
  std::vector<telemetry::TuneLine> lines;
  const auto outcomes = tuner.outcomes();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto& statement = tuner.statements()[i];
    const auto& outcome = outcomes[i];
    telemetry::TuneLine line;
    line.name = statement.name;
    line.fingerprint = statement.parsed.query_template->fingerprint;
    line.sql = statement.sql;
    line.standing = to_string(outcome.standing);
    line.reason = outcome.reason;
    line.hint = outcome.hint;
    line.default_ms = outcome.default_ms;
    line.found_ms = outcome.found_ms;
    line.plans = outcome.plans;
    line.tried = outcome.tried;
    if (const auto* whole = policy.find(line.fingerprint))
      for (const auto& one : whole->statements)
        if (one.name == line.name) line.evidence = one;
    lines.push_back(std::move(line));
  }
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
    return a.default_ms - a.found_ms > b.default_ms - b.found_ms;
  });
  return lines;
}

}  // namespace

int tune(const CommonOptions& common, const TuneCommand& command) {
  const auto status = Tune(common, command).run();
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
