#include "telemetry/event_store.h"

#include <cmath>
#include <utility>

#include "telemetry/redact.h"
#include "telemetry/schema.h"
#include "telemetry/stored_time.h"

namespace hintd::telemetry {
namespace {

std::int64_t bits(std::uint64_t hash) {
  return static_cast<std::int64_t>(hash);
}

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

}  // namespace

Result<Dictionary> Dictionary::create(Database& database, const std::string& table) {
  HINTD_TRY(auto insert, database.prepare("INSERT OR IGNORE INTO " + table + " (name) VALUES (?)"));
  HINTD_TRY(auto select, database.prepare("SELECT id FROM " + table + " WHERE name = ?"));
  return Dictionary(std::move(insert), std::move(select));
}

Result<std::int64_t> Dictionary::id(std::string_view name) {
  if (const auto known = ids_.find(name); known != ids_.end()) return known->second;
  HINTD_TRY_STATUS(insert_.run(name));
  std::int64_t id = 0;
  HINTD_TRY_STATUS(select_.for_each([&](const Statement& row) { id = row.integer(0); }, name));
  ids_.emplace(name, id);
  return id;
}

struct EventStore::Statements {
  Statement run;
  Statement run_arm;
  Statement old_runs;
  Statement rollup_state;
  Statement run_counts;
  Statement run_end;
  Statement phase;
  Statement template_seen;
  Statement template_id;
  Statement observation;
  Statement training_step;
  Statement policy;
  Statement safety_event;
  Statement evaluation;

  static Result<Statements> prepare(Database& database);
};

Result<EventStore::Statements> EventStore::Statements::prepare(Database& database) {
  HINTD_TRY(auto run,
            database.prepare("INSERT INTO runs (started, command, seed, scale, duration_days, "
                             "server_version, configuration) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  HINTD_TRY(auto run_arm, database.prepare("INSERT OR REPLACE INTO run_arms VALUES (?, ?, ?)"));
  HINTD_TRY(auto old_runs,
            database.prepare("DELETE FROM runs WHERE started < ?1 AND NOT EXISTS (SELECT 1 FROM "
                             "phases JOIN observations ON phase_id = phases.id WHERE run_id = "
                             "runs.id AND time >= ?1)"));
  HINTD_TRY(auto rollup_state,
            database.prepare("UPDATE rollup_state SET observation = min(observation, (SELECT "
                             "coalesce(max(id), 0) FROM observations))"));
  HINTD_TRY(auto run_counts,
            database.prepare("UPDATE runs SET events = ?2, dropped = ?3, failed_batches = ?4 "
                             "WHERE id = ?1"));
  HINTD_TRY(auto run_end,
            database.prepare("UPDATE runs SET finished = ?2, outcome = ?3 WHERE id = ?1"));
  HINTD_TRY(auto phase,
            database.prepare("INSERT INTO phases (run_id, name, started) VALUES (?, ?, ?)"));
  HINTD_TRY(
      auto template_seen,
      database.prepare("INSERT INTO templates (fingerprint, name, query_class, normalized, sample) "
                       "VALUES (?, ?, ?, ?, nullif(?, '')) ON CONFLICT (fingerprint) DO UPDATE SET "
                       // Who sees a template first may not know what the workload calls it.
                       "name = coalesce(nullif(excluded.name, ''), name), "
                       "query_class = coalesce(nullif(excluded.query_class, ''), query_class), "
                       "normalized = coalesce(nullif(excluded.normalized, ''), normalized), "
                       "sample = coalesce(sample, excluded.sample)"));
  HINTD_TRY(auto template_id, database.prepare("SELECT id FROM templates WHERE fingerprint = ?"));
  HINTD_TRY(auto observation,
            database.prepare("INSERT INTO observations VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                             "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  HINTD_TRY(auto training_step,
            database.prepare("INSERT INTO training_steps VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)"));
  HINTD_TRY(auto policy, database.prepare("INSERT INTO policies VALUES (NULL, ?, ?, ?, ?, ?, ?)"));
  HINTD_TRY(auto safety_event,
            database.prepare("INSERT INTO safety_events VALUES (NULL, ?, ?, ?, ?, ?)"));
  HINTD_TRY(auto evaluation,
            database.prepare("INSERT INTO evaluations VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                             "?, ?, ?, ?, ?, ?)"));
  return Statements{std::move(run),          std::move(run_arm),       std::move(old_runs),
                    std::move(rollup_state), std::move(run_counts),    std::move(run_end),
                    std::move(phase),        std::move(template_seen), std::move(template_id),
                    std::move(observation),  std::move(training_step), std::move(policy),
                    std::move(safety_event), std::move(evaluation)};
}

Result<std::unique_ptr<EventStore>> EventStore::open(const TelemetryConfig& config) {
  HINTD_TRY(auto database, Database::open(config.path, Database::Access::kReadWrite));
  HINTD_TRY_STATUS(prepare_for_writing(database));
  if (!config.keep_samples)
    HINTD_TRY_STATUS(
        database.execute("UPDATE templates SET sample = NULL WHERE sample IS NOT NULL"));
  HINTD_TRY(auto statements, Statements::prepare(database));
  HINTD_TRY(auto arms, Dictionary::create(database, "arms"));
  HINTD_TRY(auto reasons, Dictionary::create(database, "reasons"));
  HINTD_TRY(auto errors, Dictionary::create(database, "errors"));
  return std::unique_ptr<EventStore>(new EventStore(
      std::move(database), std::move(statements), std::move(arms), std::move(reasons),
      std::move(errors), config.retention_days, config.keep_samples));
}

EventStore::EventStore(Database database, Statements statements, Dictionary arms,
                       Dictionary reasons, Dictionary errors, int retention_days, bool keep_samples)
    : database_(std::move(database)),
      statements_(std::make_unique<Statements>(std::move(statements))),
      arms_(std::move(arms)),
      reasons_(std::move(reasons)),
      errors_(std::move(errors)),
      retention_days_(retention_days),
      keep_samples_(keep_samples) {}

EventStore::~EventStore() = default;

Status EventStore::write(std::span<const Event> events, const Losses& losses) {
  auto before = position_;
  auto written = write_in_transaction(events, losses);
  if (written) return {};
  database_.rollback();
  position_ = std::move(before);
  arms_.forget();
  reasons_.forget();
  errors_.forget();
  templates_.clear();
  return written;
}

Status EventStore::write_in_transaction(std::span<const Event> events, const Losses& losses) {
  losses_ = losses;
  HINTD_TRY_STATUS(database_.execute("BEGIN IMMEDIATE"));
  for (const auto& event : events) {
    HINTD_TRY_STATUS(std::visit([this](const auto& value) { return store(value); }, event));
    ++position_.events;
  }
  HINTD_TRY_STATUS(store_counts(losses));
  return database_.execute("COMMIT");
}

Status EventStore::store_counts(const Losses& losses) {
  if (!position_.run) return {};
  return statements_->run_counts.run(*position_.run, position_.events,
                                     losses.dropped - position_.before.dropped,
                                     losses.failed_batches - position_.before.failed_batches);
}

Status EventStore::store(const RunStarted& event) {
  // The run that ends here keeps its counts; losses from here on are the new one's.
  HINTD_TRY_STATUS(store_counts(losses_));
  if (retention_days_ > 0) {
    HINTD_TRY_STATUS(
        statements_->old_runs.run(micros(event.time) - retention_days_ * kMicrosPerDay));
    // Ids of deleted rows are given out again.
    HINTD_TRY_STATUS(statements_->rollup_state.run());
  }
  HINTD_TRY_STATUS(statements_->run.run(micros(event.time), event.command, bits(event.seed),
                                        event.scale, event.duration_days, event.server_version,
                                        event.configuration));
  position_ = Position{};
  position_.run = database_.last_insert_id();
  position_.command = event.command;
  position_.before = losses_;
  for (const auto& name : event.arms) {
    HINTD_TRY(const auto arm, arms_.id(name));
    HINTD_TRY_STATUS(statements_->run_arm.run(
        *position_.run, static_cast<std::int64_t>(position_.arm_ids.size()), arm));
    position_.arm_ids.push_back(arm);
  }
  return {};
}

Status EventStore::store(const PhaseStarted& event) {
  HINTD_TRY(const auto run, run_id(event.time));
  HINTD_TRY_STATUS(statements_->phase.run(run, event.name, micros(event.time)));
  position_.phase = database_.last_insert_id();
  return {};
}

Status EventStore::store(const TemplateSeen& event) {
  return statements_->template_seen.run(bits(event.fingerprint), event.name, event.query_class,
                                        event.normalized, keep_samples_ ? event.sample : "");
}

Status EventStore::store(const QueryObserved& event) {
  HINTD_TRY(const auto phase, phase_id(event.time));
  HINTD_TRY(const auto query_template, template_id(event.fingerprint));
  HINTD_TRY(const auto arm, arm_id(event.decision.arm));
  const auto why = event.passed.empty() ? to_string(event.decision.reason) : event.passed;
  HINTD_TRY(const auto reason, reasons_.id(why));
  HINTD_TRY(const auto error, error_id(event.error));
  return statements_->observation.run(
      phase, query_template, arm, reason, std::int64_t{event.kind == RunKind::kExplorer},
      micros(event.time), std::int64_t{event.decision.policy_version},
      double{event.decision.propensity}, micros(event.decision.deadline), micros(event.latency),
      micros(event.arm_latency), std::int64_t{event.timed_out}, event.rows, bits(event.plan_hash),
      event.blocks_hit, event.blocks_read, error, micros(event.lost), bits(event.statement),
      micros(event.first_row), event.bytes);
}

Status EventStore::store(const TrainingStep& event) {
  HINTD_TRY(const auto run, run_id(event.time));
  return statements_->training_step.run(run, micros(event.time), event.step, event.loss,
                                        event.epsilon, event.q_spread, event.replay_size);
}

Status EventStore::store(const PolicyPublished& event) {
  HINTD_TRY(const auto run, run_id(event.time));
  return statements_->policy.run(run, micros(event.time), std::int64_t{event.version},
                                 event.templates, event.steered, event.summary);
}

Status EventStore::store(const SafetyEvent& event) {
  HINTD_TRY(const auto run, run_id(event.time));
  std::optional<std::int64_t> query_template;
  if (event.fingerprint != 0) {
    HINTD_TRY(query_template, template_id(event.fingerprint));
  }
  return statements_->safety_event.run(run, query_template, micros(event.time), event.name,
                                       event.detail);
}

Status EventStore::store(const QueryEvaluated& event) {
  HINTD_TRY(const auto run, run_id(event.time));
  HINTD_TRY(const auto query_template, template_id(event.fingerprint));
  HINTD_TRY(const auto arm, arm_id(event.arm));
  HINTD_TRY(const auto reason, reasons_.id(to_string(event.reason)));
  HINTD_TRY(const auto oracle, arm_id(event.oracle_arm));
  return statements_->evaluation.run(run, query_template, arm, reason, oracle, micros(event.time),
                                     event.split, event.query, event.default_ms, event.learned_ms,
                                     event.oracle_ms, event.ratio, event.ci_low, event.ci_high,
                                     std::int64_t{event.pairs}, std::int64_t{event.distinct_plans});
}

Status EventStore::store(const RunFinished& event) {
  HINTD_TRY(const auto run, run_id(event.time));
  return statements_->run_end.run(run, micros(event.time), event.outcome);
}

Result<std::int64_t> EventStore::run_id(TimePoint time) {
  if (!position_.run) {
    RunStarted nameless;
    nameless.time = time;
    HINTD_TRY_STATUS(store(nameless));
  }
  return *position_.run;
}

Result<std::int64_t> EventStore::phase_id(TimePoint time) {
  if (!position_.phase) HINTD_TRY_STATUS(store(PhaseStarted{time, position_.command}));
  return *position_.phase;
}

Result<std::int64_t> EventStore::template_id(std::uint64_t fingerprint) {
  if (const auto known = templates_.find(fingerprint); known != templates_.end())
    return known->second;
  std::int64_t id = 0;
  const auto read_id = [&](const Statement& row) { id = row.integer(0); };
  HINTD_TRY_STATUS(statements_->template_id.for_each(read_id, bits(fingerprint)));
  if (id == 0) {
    HINTD_TRY_STATUS(store(TemplateSeen{fingerprint, {}, {}, {}}));
    id = database_.last_insert_id();
  }
  templates_.emplace(fingerprint, id);
  return id;
}

Result<std::int64_t> EventStore::arm_id(ArmId arm) {
  if (arm < position_.arm_ids.size()) return position_.arm_ids[arm];
  HINTD_TRY(const auto id, arms_.id("arm_" + std::to_string(arm)));
  HINTD_TRY_STATUS(statements_->run_arm.run(*position_.run, std::int64_t{arm}, id));
  return id;
}

Result<std::optional<std::int64_t>> EventStore::error_id(const std::string& error) {
  if (error.empty()) return std::optional<std::int64_t>{};
  HINTD_TRY(const auto id, errors_.id(without_literals(error)));
  return std::optional<std::int64_t>{id};
}

}  // namespace hintd::telemetry
