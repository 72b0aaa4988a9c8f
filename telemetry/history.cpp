#include "telemetry/history.h"

#include <algorithm>
#include <limits>

#include "core/query_template.h"
#include "telemetry/schema.h"
#include "telemetry/stored_time.h"

namespace hintd::telemetry {
namespace {

constexpr std::int64_t kEventsAtOnce = 256;

constexpr const char* kEventColumns =
    "SELECT safety_events.id, time, safety_events.name, coalesce(fingerprint, 0), "
    "coalesce(templates.name, ''), detail FROM safety_events "
    "LEFT JOIN templates ON templates.id = template_id ";

HistoryEvent event_of(const Statement& row) {
  return {row.integer(0),           time_point(row.integer(1)),
          std::string(row.text(2)), static_cast<std::uint64_t>(row.integer(3)),
          std::string(row.text(4)), std::string(row.text(5))};
}

}  // namespace

Result<History> History::open(const std::filesystem::path& path) {
  HINTD_TRY(auto database, Database::open(path, Database::Access::kReadOnly));
  HINTD_TRY_STATUS(check_schema(database));
  return History(std::move(database));
}

Result<std::vector<HistoryEvent>> History::events(const Page& page, const std::string& name,
                                                  std::int64_t template_id) {
  HINTD_TRY(auto rows, database_.prepare(
                           std::string(kEventColumns) +
                           "WHERE run_id >= ?1 AND safety_events.id < ?2 "
                           "AND (?3 = '' OR safety_events.name = ?3) "
                           "AND (?4 = 0 OR template_id = ?4) ORDER BY safety_events.id DESC LIMIT "
                           "?5"));
  std::vector<HistoryEvent> found;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) { found.push_back(event_of(row)); }, page.first_run,
      page.before.value_or(std::numeric_limits<std::int64_t>::max()), std::string_view(name),
      template_id, std::clamp<std::int64_t>(page.limit, 0, kLargestPage)));
  return found;
}

Result<std::vector<HistoryEvent>> History::events_after(std::int64_t id, std::int64_t first_run) {
  HINTD_TRY(auto rows, database_.prepare(std::string(kEventColumns) +
                                         "WHERE safety_events.id > ? AND run_id >= ? "
                                         "ORDER BY safety_events.id LIMIT ?"));
  std::vector<HistoryEvent> found;
  HINTD_TRY_STATUS(rows.for_each([&](const Statement& row) { found.push_back(event_of(row)); }, id,
                                 first_run, kEventsAtOnce));
  return found;
}

Result<std::vector<NamedCount>> History::event_counts(std::int64_t first_run) {
  HINTD_TRY(auto rows, database_.prepare("SELECT name, count(*) FROM safety_events WHERE run_id >= "
                                         "? GROUP BY name ORDER BY 2 DESC, 1 LIMIT ?"));
  std::vector<NamedCount> counts;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        counts.push_back({std::string(row.text(0)), row.integer(1)});
      },
      first_run, kLargestPage));
  return counts;
}

Result<std::vector<History::EventBucket>> History::events_over_time(std::int64_t first_run,
                                                                    TimePoint from, TimePoint to,
                                                                    std::int64_t buckets) {
  const auto width = std::max<std::int64_t>(1, (to - from).count() / buckets + 1);
  std::vector<EventBucket> found(static_cast<std::size_t>(buckets));
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i].begin = from + std::chrono::microseconds(width * static_cast<std::int64_t>(i));
  HINTD_TRY(auto rows, database_.prepare("SELECT (time - ?1) / ?2, name, count(*) FROM "
                                         "safety_events WHERE run_id >= ?3 AND time BETWEEN ?1 "
                                         "AND ?4 GROUP BY 1, 2 ORDER BY 1, 2"));
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        found[static_cast<std::size_t>(row.integer(0))].counts.push_back(
            {std::string(row.text(1)), row.integer(2)});
      },
      micros(from), width, first_run, micros(to)));
  return found;
}

Result<std::vector<HistoryDecision>> History::decisions(std::vector<std::int64_t> ids) {
  std::ranges::sort(ids, std::greater{});
  ids.resize(std::min(ids.size(), static_cast<std::size_t>(kLargestPage)));
  HINTD_TRY(auto rows,
            database_.prepare("SELECT observations.id, time, arms.name, reasons.name, "
                              "policy_version, latency_us, deadline_us, lost_us, timed_out, "
                              "coalesce(errors.name, '') FROM observations "
                              "JOIN arms ON arms.id = arm_id JOIN reasons ON reasons.id = "
                              "reason_id LEFT JOIN errors ON errors.id = error_id "
                              "WHERE observations.id = ?"));
  std::vector<HistoryDecision> found;
  for (const auto id : ids)
    HINTD_TRY_STATUS(rows.for_each(
        [&](const Statement& row) {
          found.push_back({row.integer(0), time_point(row.integer(1)), std::string(row.text(2)),
                           std::string(row.text(3)), row.integer(4), millis(row.integer(5)),
                           millis(row.integer(6)), millis(row.integer(7)), row.integer(8) != 0,
                           std::string(row.text(9))});
        },
        id));
  return found;
}

Result<std::vector<PolicyReport>> History::policies(std::int64_t first_run) {
  HINTD_TRY(auto rows,
            database_.prepare("SELECT time, version, templates, steered FROM policies "
                              "WHERE run_id >= ? ORDER BY run_id DESC, id DESC LIMIT 500"));
  std::vector<PolicyReport> found;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        found.push_back(
            {time_point(row.integer(0)), row.integer(1), row.integer(2), row.integer(3)});
      },
      first_run));
  std::ranges::reverse(found);
  return found;
}

Result<std::vector<LearningPoint>> History::training(std::int64_t first_run) {
  HINTD_TRY(auto rows,
            database_.prepare("SELECT step, loss, epsilon, q_spread FROM training_steps "
                              "WHERE run_id >= ? ORDER BY run_id DESC, id DESC LIMIT 100000"));
  std::vector<LearningPoint> points;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        points.push_back({row.integer(0), row.real(1), row.real(2), row.real(3)});
      },
      first_run));
  std::ranges::reverse(points);
  return thin(points, kLearningPoints);
}

Result<std::optional<HistoryTraining>> History::last_training(std::int64_t first_run) {
  HINTD_TRY(
      auto rows,
      database_.prepare("SELECT step, loss, epsilon, q_spread, replay_size FROM "
                        "training_steps WHERE run_id >= ? ORDER BY run_id DESC, id DESC LIMIT 1"));
  std::optional<HistoryTraining> found;
  HINTD_TRY_STATUS(rows.for_each(
      [&](const Statement& row) {
        found = {{row.integer(0), row.real(1), row.real(2), row.real(3)}, row.integer(4)};
      },
      first_run));
  return found;
}

Result<std::string> History::text_of(std::int64_t template_id) {
  HINTD_TRY(auto rows, database_.prepare("SELECT normalized FROM templates WHERE id = ?"));
  std::string text;
  HINTD_TRY_STATUS(rows.for_each([&](const Statement& row) { text = row.text(0); }, template_id));
  return text;
}

Result<std::vector<std::int64_t>> History::find_templates(const std::string& words) {
  HINTD_TRY(auto rows,
            database_.prepare("SELECT id FROM templates WHERE name LIKE ?1 ESCAPE '\\' OR "
                              "query_class LIKE ?1 ESCAPE '\\' OR normalized LIKE ?1 ESCAPE '\\' "
                              "LIMIT 100000"));
  std::string pattern = "%";
  for (const char letter : words) {
    if (letter == '%' || letter == '_' || letter == '\\') pattern += '\\';
    pattern += letter;
  }
  pattern += '%';
  std::vector<std::int64_t> found;
  HINTD_TRY_STATUS(rows.for_each([&](const Statement& row) { found.push_back(row.integer(0)); },
                                 std::string_view(pattern)));
  return found;
}

Result<History::Size> History::size() {
  HINTD_TRY(const auto page, database_.integer("PRAGMA page_size"));
  HINTD_TRY(const auto pages, database_.integer("PRAGMA page_count"));
  HINTD_TRY(const auto free, database_.integer("PRAGMA freelist_count"));
  return Size{page * pages, page * free};
}

}  // namespace hintd::telemetry
