#include "telemetry/ledger_feed.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "core/decision.h"
#include "core/durable_file.h"
#include "core/event.h"
#include "telemetry/schema.h"
#include "telemetry/stored_time.h"

namespace hintd::telemetry {
namespace {

constexpr std::size_t kTitle = 160;
constexpr std::int64_t kRowsAtOnce = 20'000;

// The first line of the file of figures: up to which row they go.
struct Kept {
  std::string command;
  std::int64_t run = 0;
  std::int64_t row = 0;
  TimePoint time;  // of that row
};

const std::string& named(const std::unordered_map<std::int64_t, std::string>& names,
                         std::int64_t id) {
  static const std::string kNone;
  const auto found = names.find(id);
  return found == names.end() ? kNone : found->second;
}

LedgerRow row_of(const Statement& row, std::int64_t default_arm, std::int64_t hedged) {
  LedgerRow seen;
  seen.id = row.integer(0);
  seen.phase_id = row.integer(1);
  seen.template_id = row.integer(2);
  seen.arm_id = row.integer(3);
  seen.hinted = seen.arm_id != default_arm;
  seen.reason_id = row.integer(4);
  seen.hedged = seen.reason_id == hedged;
  seen.explorer = row.integer(5) != 0;
  seen.time = time_point(row.integer(6));
  seen.policy_version = row.integer(7);
  seen.latency_ms = millis(row.integer(8));
  seen.arm_latency_ms = millis(row.integer(9));
  seen.timed_out = row.integer(10) != 0;
  seen.failed = !row.is_null(11);
  seen.lost_ms = millis(row.integer(12));
  seen.statement = static_cast<std::uint64_t>(row.integer(13));
  return seen;
}

std::string to_text(const Kept& kept) {
  return kept.command + " " + std::to_string(kept.run) + " " + std::to_string(kept.row) + " " +
         std::to_string(micros(kept.time)) + "\n";
}

std::optional<Kept> kept_from(const std::string& text) {
  std::istringstream in(text.substr(0, text.find('\n')));
  Kept kept;
  std::int64_t micros = 0;
  if (!(in >> kept.command >> kept.run >> kept.row >> micros)) return std::nullopt;
  kept.time = time_point(micros);
  return kept;
}

// Ids begin anew where every row was deleted: then the row is another, or there is none beyond.
Result<bool> still_has(Database& database, const Kept& kept) {
  HINTD_TRY(auto rows, database.prepare("SELECT (SELECT coalesce(max(id), 0) FROM observations), "
                                        "(SELECT time FROM observations WHERE id = ?)"));
  bool has = false;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        has = row.is_null(1) ? row.integer(0) > kept.row : time_point(row.integer(1)) == kept.time;
      },
      kept.row));
  return has;
}

}  // namespace

Result<LedgerFeed> LedgerFeed::open(const std::filesystem::path& path) {
  HINTD_TRY(auto database, Database::open(path, Database::Access::kReadOnly));
  HINTD_TRY_STATUS(check_schema(database));
  auto figures = path;
  figures += ".figures";
  return LedgerFeed(std::move(database), std::move(figures));
}

Result<bool> LedgerFeed::read(std::int64_t limit) {
  HINTD_TRY_STATUS(read_run());
  HINTD_TRY_STATUS(read_phases());
  if (run_.phases.empty()) return false;
  HINTD_TRY(end_, database_.integer("SELECT coalesce(max(id), 0) FROM observations"));
  // Kept figures come without names.
  if (end_ <= ledger_.last_id() && !templates_.empty()) return false;
  HINTD_TRY_STATUS(read_names());
  HINTD_TRY_STATUS(read_templates());
  HINTD_TRY(const auto taken, read_rows(limit));
  return taken == limit;
}

Status LedgerFeed::read_all() {
  for (bool more = true; more;) {
    HINTD_TRY(more, read(kRowsAtOnce));
  }
  return {};
}

Status LedgerFeed::read_run() {
  HINTD_TRY(auto rows, database_.prepare("SELECT id, command, server_version, outcome, started, "
                                         "duration_days, events, dropped, failed_batches FROM runs "
                                         "ORDER BY id DESC LIMIT 1000"));
  RunInfo found;
  bool whole = false;
  HINTD_TRY_STATUS(rows.for_each([&](const Statement& row) {
    const std::string command(row.text(1));
    const bool first = found.last == 0;
    whole = whole || (!first && (command != found.command || command != "serve"));
    if (whole) return;
    if (first) {
      found.last = row.integer(0);
      found.command = command;
      found.server_version = row.text(2);
      found.outcome = row.text(3);
      found.duration_days = row.is_null(5) ? 0 : row.real(5);
    }
    found.first = row.integer(0);
    found.started = time_point(row.integer(4));
    found.events += row.integer(6);
    found.dropped += row.integer(7);
    found.failed_batches += row.integer(8);
  }));
  const bool another =
      found.command != run_.command || (found.command != "serve" && found.last != run_.last);
  run_ = std::move(found);
  if (!another) return {};
  ledger_ = Ledger();
  return restore();
}

std::string LedgerFeed::kept() const {
  const Kept kept{run_.command, run_.last, ledger_.last_id(), last_row_};
  return to_text(kept) + ledger_.bytes();
}

Status LedgerFeed::keep(const std::string& kept) const {
  return replace_file(figures_, kept);
}

Status LedgerFeed::restore() {
  const auto text = read_file(figures_);
  const auto kept = text ? kept_from(*text) : std::nullopt;
  if (!kept || kept->command != run_.command) return {};
  const bool goes_on = run_.command == "serve" ? kept->run >= run_.first : kept->run == run_.last;
  HINTD_TRY(const bool same_rows, still_has(database_, *kept));
  if (!goes_on || !same_rows) return {};
  auto ledger = Ledger::from_bytes(std::string_view(*text).substr(text->find('\n') + 1));
  if (!ledger) return {};
  ledger_ = std::move(*ledger);
  last_row_ = kept->time;
  restored_to_ = kept->row;
  return {};
}

Status LedgerFeed::read_phases() {
  HINTD_TRY(auto rows, database_.prepare("SELECT id, name, started FROM phases WHERE run_id >= ? "
                                         "ORDER BY id"));
  run_.phases.clear();
  return rows.for_each(
      [this](const Statement& row) {
        run_.phases.push_back(
            {row.integer(0), std::string(row.text(1)), time_point(row.integer(2))});
        if (!is_traffic(row.text(1))) measuring_.insert(row.integer(0));
      },
      run_.first);
}

Status LedgerFeed::read_names() {
  for (auto [table, names] : {std::pair("arms", &arms_), {"reasons", &reasons_}}) {
    HINTD_TRY(auto rows, database_.prepare(std::string("SELECT id, name FROM ") + table));
    HINTD_TRY_STATUS(rows.for_each([names = names](const Statement& row) {
      names->insert_or_assign(row.integer(0), std::string(row.text(1)));
    }));
  }
  HINTD_TRY(default_arm_, database_.integer("SELECT arm_id FROM run_arms WHERE number = 0 AND "
                                            "run_id = " +
                                            std::to_string(run_.last)));
  for (const auto& [id, name] : reasons_)
    if (name == to_string(DecisionReason::kHedged)) hedged_ = id;
  return {};
}

Status LedgerFeed::read_templates() {
  // A template gets its row before its first statement, and its text with it.
  HINTD_TRY(const auto count, database_.integer("SELECT count(*) FROM templates"));
  if (static_cast<std::size_t>(count) == templates_.size()) return {};
  HINTD_TRY(auto rows, database_.prepare("SELECT id, fingerprint, name, query_class, "
                                         "substr(normalized, 1, ?) FROM templates"));
  return rows.for_each(
      [this](const Statement& row) {
        const auto fingerprint = static_cast<std::uint64_t>(row.integer(1));
        templates_.insert_or_assign(
            row.integer(0), TemplateInfo{fingerprint, std::string(row.text(2)),
                                         std::string(row.text(3)), std::string(row.text(4))});
        by_fingerprint_.insert_or_assign(fingerprint, row.integer(0));
      },
      static_cast<std::int64_t>(kTitle));
}

Result<std::int64_t> LedgerFeed::read_rows(std::int64_t limit) {
  HINTD_TRY(auto rows,
            database_.prepare("SELECT id, phase_id, template_id, arm_id, reason_id, explorer, "
                              "time, policy_version, latency_us, arm_latency_us, timed_out, "
                              "error_id, lost_us, statement FROM observations "
                              "WHERE id > ? AND phase_id >= ? ORDER BY id LIMIT ?"));
  std::int64_t taken = 0;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        ++taken;
        auto seen = row_of(row, default_arm_, hedged_);
        seen.traffic = !measuring_.contains(seen.phase_id);
        last_row_ = seen.time;
        ledger_.add(seen);
      },
      ledger_.last_id(), run_.phases.front().id, limit));
  return taken;
}

double LedgerFeed::progress() const {
  if (ledger_.last_id() >= end_) return 1;
  return static_cast<double>(ledger_.last_id()) / static_cast<double>(end_);
}

const std::string& LedgerFeed::arm(std::int64_t id) const {
  return named(arms_, id);
}

const std::string& LedgerFeed::reason(std::int64_t id) const {
  return named(reasons_, id);
}

const TemplateInfo& LedgerFeed::template_of(std::int64_t id) const {
  static const TemplateInfo kNone;
  const auto found = templates_.find(id);
  return found == templates_.end() ? kNone : found->second;
}

std::int64_t LedgerFeed::template_id(std::uint64_t fingerprint) const {
  const auto found = by_fingerprint_.find(fingerprint);
  return found == by_fingerprint_.end() ? 0 : found->second;
}

}  // namespace hintd::telemetry
