#include "database/postgres/examination.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/statistics.h"
#include "database/postgres/server_settings.h"

namespace hintd::database {
namespace {

constexpr int kVersionTested = 15;
constexpr double kMostClockSkew = 2;  // s
constexpr double kMostConnectionsUsed = 0.8;
constexpr double kSlowRoundTripMs = 5;

class Examiner {
 public:
  Examiner(Connection& connection, const Clock& clock) : connection_(connection), clock_(clock) {}

  Result<std::vector<Finding>> examine(const HintCatalogue& catalogue) {
    HINTD_TRY_STATUS(look_at_round_trip());
    HINTD_TRY_STATUS(look_at_version());
    HINTD_TRY_STATUS(look_at_extensions());
    HINTD_TRY_STATUS(look_at_role());
    HINTD_TRY_STATUS(look_at_tables());
    HINTD_TRY_STATUS(look_at_settings());
    HINTD_TRY_STATUS(look_at_hint_sets(catalogue));
    HINTD_TRY_STATUS(look_at_clock());
    return std::move(findings_);
  }

 private:
  void add(std::string what, Standing standing, std::string detail, std::string cost = {}) {
    if (standing == Standing::kGood) cost.clear();
    findings_.push_back({std::move(what), standing, std::move(detail), std::move(cost)});
  }

  // The first column of the first row; empty for none.
  Result<std::string> text(const std::string& sql) {
    HINTD_TRY(const auto rows, connection_.query(sql));
    if (rows.empty() || rows[0].empty()) return std::string();
    return rows[0][0].value_or("");
  }
  Result<double> number(const std::string& sql) {
    HINTD_TRY(const auto answer, text(sql));
    return answer.empty() ? 0 : std::stod(answer);
  }

  Status look_at_round_trip() {
    std::vector<double> taken;
    for (int i = 0; i < 9; ++i) {
      HINTD_TRY(const auto fetched, connection_.fetch("SELECT 1"));
      taken.push_back(fetched.latency.count());
    }
    const double ms = median(taken);
    char detail[48];
    std::snprintf(detail, sizeof detail, "%.2f ms a round trip, median of 9", ms);
    add("connection", ms <= kSlowRoundTripMs ? Standing::kGood : Standing::kMissing, detail,
        "every statement through the proxy pays the way from here to the server; run hintd nearer");
    return {};
  }

  Status look_at_version() {
    HINTD_TRY(const double number_of, number("SHOW server_version_num"));
    HINTD_TRY(const auto name, text("SHOW server_version"));
    const int major = static_cast<int>(number_of) / 10000;
    if (major == kVersionTested)
      add("version", Standing::kGood, name);
    else
      add("version", major < kVersionTested ? Standing::kBad : Standing::kMissing, name,
          "hintd is built and tested with PostgreSQL 15: stay in observe, or upgrade");
    return {};
  }

  Status look_at_extensions() {
    const std::pair<const char*, const char*> wanted[] = {
        {"pg_stat_statements",
         "hintd tune cannot take the workload from the server; add it to shared_preload_libraries, "
         "restart, CREATE EXTENSION pg_stat_statements"},
        {"hypopg", "nothing yet: hintd gives no advice on indexes"},
        {"pg_hint_plan", "nothing: hint sets are settings of PostgreSQL's own planner"}};
    for (const auto& [name, cost] : wanted) {
      HINTD_TRY(
          const auto version,
          text(std::string("SELECT extversion FROM pg_extension WHERE extname = '") + name + "'"));
      add(name, version.empty() ? Standing::kMissing : Standing::kGood,
          version.empty() ? "not installed in this database" : version, cost);
    }
    return {};
  }

  Status look_at_role() {
    HINTD_TRY(const auto user, text("SELECT current_user"));
    HINTD_TRY(const auto superuser,
              text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"));
    HINTD_TRY(const auto monitor, text("SELECT pg_has_role(current_user, 'pg_monitor', 'USAGE')"));
    add("role", superuser == "t" ? Standing::kMissing : Standing::kGood,
        user + (superuser == "t" ? ", a superuser" : ""),
        "a fault in hintd could do more than read; make a role with hintd init-role");
    add("pg_monitor", monitor == "t" ? Standing::kGood : Standing::kMissing,
        monitor == "t" ? "granted" : "not granted to " + user,
        "the server's load is seen in part: exploring may not pause when it should; GRANT "
        "pg_monitor");
    return {};
  }

  Status look_at_tables() {
    HINTD_TRY(const double unread,
              number("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                     "WHERE relkind IN ('r', 'p', 'm') AND nspname NOT IN ('pg_catalog', "
                     "'information_schema') AND NOT nspname LIKE 'pg\\_%' AND NOT "
                     "(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, "
                     "'SELECT'))"));
    HINTD_TRY(const double stale,
              number("SELECT count(*) FROM pg_stat_user_tables WHERE last_analyze IS NULL AND "
                     "last_autoanalyze IS NULL AND n_live_tup > 0"));
    const auto count = [](double value) { return std::to_string(std::llround(value)); };
    add("tables", unread == 0 ? Standing::kGood : Standing::kMissing,
        unread == 0 ? "all may be read" : count(unread) + " may not be read",
        "statements on them are served but never explored; GRANT SELECT where exploring is wanted");
    add("statistics", stale == 0 ? Standing::kGood : Standing::kMissing,
        stale == 0 ? "every table was analyzed" : count(stale) + " tables were never analyzed",
        "hintd would learn to work round what ANALYZE mends; run it first");
    return {};
  }

  Status look_at_settings() {
    HINTD_TRY(const double used,
              number("SELECT count(*) / current_setting('max_connections')::float FROM "
                     "pg_stat_activity WHERE backend_type = 'client backend'"));
    char detail[48];
    std::snprintf(detail, sizeof detail, "%.0f %% of max_connections in use", 100 * used);
    add("connections", used < kMostConnectionsUsed ? Standing::kGood : Standing::kMissing, detail,
        "each client of the proxy takes one, exploring one more, hedging two; raise "
        "max_connections");
    HINTD_TRY(const auto io, text("SHOW track_io_timing"));
    add("track_io_timing", io == "on" ? Standing::kGood : Standing::kMissing, io,
        "plans do not say how long reading took; SET it on where clocks are cheap");
    return {};
  }

  Status look_at_hint_sets(const HintCatalogue& catalogue) {
    HINTD_TRY(const auto validated, validate_catalogue(connection_, catalogue));
    std::string detail = std::to_string(validated.catalogue.size()) + " of " +
                         std::to_string(catalogue.size()) + " accepted";
    for (const auto& refused : validated.refused)
      detail += "; " + refused.name + ": " + refused.message;
    add("hint sets", validated.refused.empty() ? Standing::kGood : Standing::kMissing, detail,
        "those are left out; correct config/hints.yaml");
    return {};
  }

  Status look_at_clock() {
    const double before = Seconds(clock_.now().time_since_epoch()).count();
    HINTD_TRY(const double server, number("SELECT extract(epoch FROM clock_timestamp())"));
    const double after = Seconds(clock_.now().time_since_epoch()).count();
    const double skew = server - (before + after) / 2;
    char detail[64];
    std::snprintf(detail, sizeof detail, "%+.3f s from this machine's", skew);
    add("clock", std::abs(skew) <= kMostClockSkew ? Standing::kGood : Standing::kMissing, detail,
        "hintd's events cannot be laid beside the server's log; keep both by NTP");
    return {};
  }

  Connection& connection_;
  const Clock& clock_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string_view to_string(Standing standing) {
  constexpr std::string_view kNames[] = {"good", "missing", "bad"};
  return kNames[static_cast<int>(standing)];
}

Result<std::vector<Finding>> examine(Connection& connection, const HintCatalogue& catalogue,
                                     const Clock& clock) {
  return Examiner(connection, clock).examine(catalogue);
}

}  // namespace hintd::database
