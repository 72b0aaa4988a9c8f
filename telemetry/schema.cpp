#include "telemetry/schema.h"

#include <array>
#include <string>

namespace hintd::telemetry {
namespace {

// Times are microseconds since 1970, durations microseconds, 64-bit hashes signed integers.
// Literals are nowhere but in templates.sample, where telemetry.keep_samples asks for it:
// templates.normalized has $n for them, and errors lose what was quoted.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  finished INTEGER,
  outcome TEXT NOT NULL DEFAULT '',
  command TEXT NOT NULL,
  seed INTEGER NOT NULL,
  scale REAL,
  duration_days REAL,
  server_version TEXT NOT NULL,
  configuration TEXT NOT NULL,
  events INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0,
  failed_batches INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE phases (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  name TEXT NOT NULL,
  started INTEGER NOT NULL
);
CREATE INDEX phases_run ON phases (run_id);
CREATE TABLE arms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE reasons (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE errors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE run_arms (
  run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  number INTEGER NOT NULL,
  arm_id INTEGER NOT NULL REFERENCES arms,
  PRIMARY KEY (run_id, number)
) WITHOUT ROWID;
CREATE TABLE templates (
  id INTEGER PRIMARY KEY,
  fingerprint INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL DEFAULT '',
  query_class TEXT NOT NULL DEFAULT '',
  normalized TEXT NOT NULL DEFAULT ''
);
CREATE TABLE observations (
  id INTEGER PRIMARY KEY,
  phase_id INTEGER NOT NULL REFERENCES phases ON DELETE CASCADE,
  template_id INTEGER NOT NULL REFERENCES templates,
  arm_id INTEGER NOT NULL REFERENCES arms,
  reason_id INTEGER NOT NULL REFERENCES reasons,
  explorer INTEGER NOT NULL,
  time INTEGER NOT NULL,
  policy_version INTEGER NOT NULL,
  propensity REAL,
  deadline_us INTEGER NOT NULL,
  latency_us INTEGER NOT NULL,
  arm_latency_us INTEGER NOT NULL,
  timed_out INTEGER NOT NULL,
  row_count INTEGER NOT NULL,
  plan_hash INTEGER NOT NULL,
  blocks_hit INTEGER NOT NULL,
  blocks_read INTEGER NOT NULL,
  error_id INTEGER REFERENCES errors
);
CREATE INDEX observations_phase ON observations (phase_id);
CREATE TABLE training_steps (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  time INTEGER NOT NULL,
  step INTEGER NOT NULL,
  loss REAL,
  epsilon REAL,
  q_spread REAL,
  replay_size INTEGER NOT NULL
);
CREATE INDEX training_steps_run ON training_steps (run_id);
CREATE TABLE policies (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  time INTEGER NOT NULL,
  version INTEGER NOT NULL,
  templates INTEGER NOT NULL,
  steered INTEGER NOT NULL,
  summary TEXT NOT NULL
);
CREATE INDEX policies_run ON policies (run_id);
CREATE TABLE safety_events (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  template_id INTEGER REFERENCES templates,
  time INTEGER NOT NULL,
  name TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX safety_events_run ON safety_events (run_id);
CREATE TABLE evaluations (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  template_id INTEGER NOT NULL REFERENCES templates,
  arm_id INTEGER NOT NULL REFERENCES arms,
  reason_id INTEGER NOT NULL REFERENCES reasons,
  oracle_arm_id INTEGER NOT NULL REFERENCES arms,
  time INTEGER NOT NULL,
  split TEXT NOT NULL,
  query TEXT NOT NULL,
  default_ms REAL,
  learned_ms REAL,
  oracle_ms REAL,
  ratio REAL,
  ci_low REAL,
  ci_high REAL,
  pairs INTEGER NOT NULL,
  distinct_plans INTEGER NOT NULL
);
CREATE INDEX evaluations_run ON evaluations (run_id);
)sql";

// What a hedged statement's other run took; which statement of its template it was
// (PlanMemory::id_of; 0: not known); and what the proxy sees and the simulation does not.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE observations ADD COLUMN lost_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE observations ADD COLUMN statement INTEGER NOT NULL DEFAULT 0;
ALTER TABLE observations ADD COLUMN first_row_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE observations ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
)sql";

// Rollups: users' statements by minute, hour and day, so that charts of a year need no raw rows.
// template_id 0 sums all templates up, by the minute it alone; sketch is LatencySketch::bytes() of
// those that succeeded. rollup_state.observation: the last row that is in them. Indexes: what
// reports, cleaning up and lists filter by.
constexpr const char* kVersion3 = R"sql(
CREATE TABLE rollups (
  width_s INTEGER NOT NULL,
  start INTEGER NOT NULL,
  template_id INTEGER NOT NULL,
  hinted INTEGER NOT NULL,
  queries INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  timed_out INTEGER NOT NULL,
  total_us INTEGER NOT NULL,
  sketch BLOB NOT NULL,
  PRIMARY KEY (width_s, template_id, start, hinted)
) WITHOUT ROWID;
CREATE INDEX rollups_start ON rollups (width_s, start, template_id, queries, total_us);
CREATE TABLE rollup_state (observation INTEGER NOT NULL);
INSERT INTO rollup_state VALUES (0);
DROP INDEX observations_phase;
CREATE INDEX observations_phase ON observations (phase_id, time);
CREATE INDEX observations_time ON observations (time);
CREATE INDEX safety_events_time ON safety_events (time);
CREATE INDEX training_steps_time ON training_steps (time);
)sql";

// A statement as it came.
constexpr const char* kVersion4 = "ALTER TABLE templates ADD COLUMN sample TEXT;";

// kMigrations[n] leads from version n to n + 1.
constexpr std::array<const char*, kSchemaVersion> kMigrations = {kVersion1, kVersion2, kVersion3,
                                                                 kVersion4};

Result<bool> has_nothing(Database& database) {
  HINTD_TRY(const auto application, database.integer("PRAGMA application_id"));
  HINTD_TRY(const auto objects, database.integer("SELECT count(*) FROM sqlite_schema"));
  return application == 0 && objects == 0;
}

Status migrate(Database& database) {
  HINTD_TRY(const bool is_new, has_nothing(database));
  if (!is_new) HINTD_TRY_STATUS(check_schema(database));
  HINTD_TRY(const auto version, database.integer("PRAGMA user_version"));
  for (auto step = version; step < kSchemaVersion; ++step)
    HINTD_TRY_STATUS(database.execute(kMigrations[static_cast<std::size_t>(step)]));
  const auto stamp = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                     "; PRAGMA user_version = " + std::to_string(kSchemaVersion) + "; COMMIT";
  return database.execute(stamp.c_str());
}

}  // namespace

Status check_schema(Database& database) {
  HINTD_TRY(const auto application, database.integer("PRAGMA application_id"));
  if (application != kApplicationId)
    return fail(ErrorKind::kCorrupt, database.path() + " is not hintd's telemetry",
                "name another telemetry file, or move this one away");
  HINTD_TRY(const auto version, database.integer("PRAGMA user_version"));
  if (version > kSchemaVersion)
    return fail(ErrorKind::kConflict,
                database.path() + " has schema version " + std::to_string(version) +
                    ", this hintd knows " + std::to_string(kSchemaVersion),
                "use a newer hintd, or another telemetry file");
  return {};
}

Status prepare_for_writing(Database& database) {
  // Before anything is written: another application's file stays as it is.
  HINTD_TRY(const bool is_new, has_nothing(database));
  if (!is_new) HINTD_TRY_STATUS(check_schema(database));

  // In WAL mode a commit reaches the operating system, so it outlives a killed process.
  // Only an empty file takes auto_vacuum; later it needs a full vacuum (Maintenance::vacuum).
  if (is_new) HINTD_TRY_STATUS(database.execute("PRAGMA auto_vacuum = INCREMENTAL"));
  HINTD_TRY_STATUS(database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON"));
  HINTD_TRY_STATUS(database.execute("BEGIN IMMEDIATE"));
  auto migrated = migrate(database);
  if (!migrated) database.rollback();
  return migrated;
}

}  // namespace hintd::telemetry
