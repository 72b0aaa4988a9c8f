// Single rows of the telemetry file, for lists: newest first, a page at a time by id.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "telemetry/database.h"
#include "telemetry/report.h"

namespace hintd::telemetry {

// Which rows of a list: those of runs from `first_run` on, older than `before`, `limit` at most,
// and never more than kLargestPage.
inline constexpr std::int64_t kLargestPage = 1000;
struct Page {
  std::int64_t first_run = 0;
  std::optional<std::int64_t> before;
  std::int64_t limit = 50;
};

struct HistoryEvent {
  std::int64_t id = 0;
  TimePoint time;
  std::string name;
  std::uint64_t fingerprint = 0;  // 0: of no template
  std::string template_name;
  std::string detail;
};

struct HistoryDecision {
  std::int64_t id = 0;
  TimePoint time;
  std::string arm;
  std::string reason;
  std::int64_t policy_version = 0;
  double latency_ms = 0;
  double deadline_ms = 0;
  double lost_ms = 0;
  bool timed_out = false;
  std::string error;
};

struct HistoryTraining {
  LearningPoint point;
  std::int64_t replay_size = 0;
};

// A read-only connection. Not thread-safe. All fail with what SQLite says.
class History {
 public:
  // Fails as Reader::open.
  static Result<History> open(const std::filesystem::path& path);

  // Empty name: all. `template_id` 0: of all templates.
  Result<std::vector<HistoryEvent>> events(const Page& page, const std::string& name = {},
                                           std::int64_t template_id = 0);
  // Safety events after that id, oldest first, at most 256.
  Result<std::vector<HistoryEvent>> events_after(std::int64_t id, std::int64_t first_run);
  // At most kLargestPage names, the most frequent first.
  Result<std::vector<NamedCount>> event_counts(std::int64_t first_run);
  // How many there were from each of `buckets` equal parts of the time on, oldest first.
  struct EventBucket {
    TimePoint begin;
    std::vector<NamedCount> counts;  // by name
  };
  Result<std::vector<EventBucket>> events_over_time(std::int64_t first_run, TimePoint from,
                                                    TimePoint to, std::int64_t buckets);
  // The rows of the newest of these ids, at most kLargestPage, newest first.
  Result<std::vector<HistoryDecision>> decisions(std::vector<std::int64_t> ids);
  // The last 500, oldest first.
  Result<std::vector<PolicyReport>> policies(std::int64_t first_run);
  // At most kLearningPoints, means of neighbours.
  Result<std::vector<LearningPoint>> training(std::int64_t first_run);
  Result<std::optional<HistoryTraining>> last_training(std::int64_t first_run);
  // Its text without literals.
  Result<std::string> text_of(std::int64_t template_id);
  // Ids of templates whose name, class or text holds the words, whatever their case; at most
  // 100,000.
  Result<std::vector<std::int64_t>> find_templates(const std::string& words);
  // Bytes of the file's pages, and of those how many are free.
  struct Size {
    std::int64_t bytes = 0;
    std::int64_t free_bytes = 0;
  };
  Result<Size> size();

 private:
  explicit History(Database database) : database_(std::move(database)) {}

  Database database_;
};

}  // namespace hintd::telemetry
