#include "telemetry/rollup.h"

#include <map>
#include <tuple>

#include "core/query_template.h"
#include "telemetry/query_plans.h"
#include "telemetry/stored_time.h"

namespace hintd::telemetry {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kAllTemplates = 0;

struct Key {
  std::int64_t width_s = 0;
  std::int64_t template_id = 0;
  std::int64_t start = 0;  // microseconds since 1970
  std::int64_t hinted = 0;
  auto operator<=>(const Key&) const = default;
};

struct Sum {
  std::int64_t queries = 0;
  std::int64_t failures = 0;
  std::int64_t timed_out = 0;
  std::int64_t total_us = 0;
  LatencySketch latency;
};

using Sums = std::map<Key, Sum>;

std::int64_t start_of(std::int64_t time, std::int64_t width_s) {
  return time - time % (width_s * kMicros);
}

void add(Sum& sum, const Statement& row) {
  ++sum.queries;
  sum.timed_out += row.integer(5);
  if (row.integer(6) != 0) {
    ++sum.failures;
    return;
  }
  sum.total_us += row.integer(4);
  sum.latency.add(millis(row.integer(4)));
}

struct Taken {
  Sums sums;
  std::int64_t rows = 0;
  std::int64_t last = 0;
};

Result<Taken> take_rows(Database& database, std::int64_t after, std::size_t limit) {
  HINTD_TRY(auto rows,
            database.prepare("SELECT o.id, o.time, o.template_id, o.arm_id <> coalesce(a.arm_id, "
                             "o.arm_id), o.latency_us, o.timed_out, o.error_id IS NOT NULL, "
                             "o.explorer FROM observations o JOIN phases p ON p.id = o.phase_id "
                             "LEFT JOIN run_arms a ON a.run_id = p.run_id AND a.number = 0 "
                             "WHERE o.id > ? ORDER BY o.id LIMIT ?"));
  Taken taken;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        ++taken.rows;
        taken.last = row.integer(0);
        if (row.integer(7) != 0) return;
        for (const auto width : kRollupWidths) {
          const auto width_s = static_cast<std::int64_t>(width);
          Key key{width_s, kAllTemplates, start_of(row.integer(1), width_s), row.integer(3)};
          add(taken.sums[key], row);
          // Of one template alone there would be about as many minutes as statements.
          if (width == RollupWidth::kMinute) continue;
          key.template_id = row.integer(2);
          add(taken.sums[key], row);
        }
      },
      after, static_cast<std::int64_t>(limit)));
  return taken;
}

Status store_sums(Database& database, Sums sums) {
  HINTD_TRY(auto known, database.prepare("SELECT sketch FROM rollups WHERE width_s = ? AND "
                                         "template_id = ? AND start = ? AND hinted = ?"));
  HINTD_TRY(auto store,
            database.prepare("INSERT INTO rollups (width_s, template_id, start, hinted, queries, "
                             "failures, timed_out, total_us, sketch) VALUES (?, ?, ?, ?, ?, ?, ?, "
                             "?, ?) ON CONFLICT DO UPDATE SET queries = queries + "
                             "excluded.queries, failures = failures + excluded.failures, "
                             "timed_out = timed_out + excluded.timed_out, total_us = total_us + "
                             "excluded.total_us, sketch = excluded.sketch"));
  for (auto& [key, sum] : sums) {
    Result<LatencySketch> before;
    HINTD_TRY_STATUS(known.for_each(
        [&](const Statement& row) { before = LatencySketch::from_bytes(row.blob(0)); }, key.width_s,
        key.template_id, key.start, key.hinted));
    HINTD_TRY(const auto stored, std::move(before));
    sum.latency.merge(stored);
    HINTD_TRY_STATUS(store.run(key.width_s, key.template_id, key.start, key.hinted, sum.queries,
                               sum.failures, sum.timed_out, sum.total_us,
                               Blob{sum.latency.bytes()}));
  }
  return {};
}

Result<std::int64_t> roll_up_batch(Database& database, std::size_t batch) {
  HINTD_TRY_STATUS(database.execute("BEGIN IMMEDIATE"));
  HINTD_TRY(const auto after, database.integer("SELECT observation FROM rollup_state"));
  HINTD_TRY(auto taken, take_rows(database, after, batch));
  if (taken.rows > 0) {
    HINTD_TRY_STATUS(store_sums(database, std::move(taken.sums)));
    HINTD_TRY(auto state, database.prepare("UPDATE rollup_state SET observation = ?"));
    HINTD_TRY_STATUS(state.run(taken.last));
  }
  HINTD_TRY_STATUS(database.execute("COMMIT"));
  return taken.rows;
}

Result<bool> has_rollups(Database& database) {
  HINTD_TRY(const auto version, database.integer("PRAGMA user_version"));
  return version >= 3;
}

Status merge_row(std::vector<RollupPoint>& points, const Statement& row) {
  const TimePoint start{std::chrono::microseconds{row.integer(0)}};
  if (points.empty() || points.back().start != start)
    points.push_back({start, {}, {}, {}, {}, {}, {}});
  auto& point = points.back();
  point.queries += row.integer(2);
  if (row.integer(1) != 0) point.hinted += row.integer(2);
  point.failures += row.integer(3);
  point.timed_out += row.integer(4);
  point.total_ms += millis(row.integer(5));
  HINTD_TRY(const auto sketch, LatencySketch::from_bytes(row.blob(6)));
  point.latency.merge(sketch);
  return {};
}

}  // namespace

Result<std::int64_t> roll_up(Database& database, std::size_t batch) {
  std::int64_t total = 0;
  for (;;) {
    const auto rows = roll_up_batch(database, batch);
    if (!rows) {
      database.rollback();
      return rows;
    }
    if (*rows == 0) return total;
    total += *rows;
  }
}

Result<std::vector<RollupPoint>> read_series(Database& database, RollupWidth width, TimeSpan span,
                                             std::int64_t template_id, std::int64_t limit) {
  std::vector<RollupPoint> points;
  HINTD_TRY(const bool any, has_rollups(database));
  if (!any) return points;
  HINTD_TRY(auto rows, database.prepare(kSeriesSql));
  Status fine;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        if (fine) fine = merge_row(points, row);
      },
      static_cast<std::int64_t>(width), template_id, micros(span.from), micros(span.to),
      2 * limit));
  HINTD_TRY_STATUS(std::move(fine));
  // A point has one row or two: the last may have been cut in half.
  if (static_cast<std::int64_t>(points.size()) > limit)
    points.resize(static_cast<std::size_t>(limit));
  return points;
}

Result<std::vector<TemplateTotal>> read_heaviest(Database& database, TimeSpan span,
                                                 std::int64_t limit) {
  std::vector<TemplateTotal> totals;
  HINTD_TRY(const bool any, has_rollups(database));
  if (!any) return totals;
  HINTD_TRY(auto rows, database.prepare(kHeaviestSql));
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        std::string name(row.text(2));
        if (name.empty()) name = fingerprint_text(static_cast<std::uint64_t>(row.integer(1)));
        totals.push_back({row.integer(0), std::move(name), row.integer(3), millis(row.integer(4))});
      },
      micros(span.from), micros(span.to), limit));
  return totals;
}

}  // namespace hintd::telemetry
