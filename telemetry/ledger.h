// What the statements of a run add up to, kept up to date row by row: the figures of the page, of
// the metrics and of `hintd report`'s answer to "is it helping".
//
// Saved time compares a run under a hint (or a hedged one) with the mean of the default runs,
// users' and the explorer's, that the very same statement had before it; a run without such a
// counterpart is left out and counted. The interval (95 %) holds the default's own noise and the
// error of its mean, the latter as if it were the same for all statements, which is wider than the
// truth.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "telemetry/latency_sketch.h"
#include "telemetry/timeline.h"

namespace hintd::telemetry {

// A row of the table of observations. Ids are the file's.
struct LedgerRow {
  std::int64_t id = 0;
  std::int64_t template_id = 0;
  std::int64_t arm_id = 0;
  bool hinted = false;  // under an arm other than the default
  bool hedged = false;
  bool explorer = false;
  bool timed_out = false;
  bool failed = false;
  std::int64_t reason_id = 0;
  TimePoint time;
  std::int64_t policy_version = 0;
  std::uint64_t statement = 0;
  double latency_ms = 0;
  double arm_latency_ms = 0;
  double lost_ms = 0;
  std::int64_t phase_id = 0;
  bool traffic = true;  // of a phase whose statements are users' (core/event.h)

  bool treated() const { return hinted || hedged; }
};

// Time that hints saved, in ms; below 0 where they cost.
struct Saved {
  double ms = 0;
  double error_sum = 0;      // of the means, as if they erred together
  double noise_squares = 0;  // of single runs
  double default_ms = 0;     // what the compared runs would have taken
  std::int64_t compared = 0;
  std::int64_t left_out = 0;

  double half_width() const;  // of the 95 % interval
  void merge(const Saved& other);
};

// Users' statements of one bucket of time. Latencies leave out failures.
struct TrafficCell {
  std::int64_t queries = 0;
  std::int64_t treated = 0;
  std::int64_t failures = 0;
  std::int64_t timed_out = 0;
  std::int64_t explorer_runs = 0;
  double explorer_ms = 0;
  double total_ms = 0;
  LatencySketch by_default;
  LatencySketch hinted;
  Saved saved;

  void merge(const TrafficCell& other);
};

// One template's statements; geometric means by their sums of logarithms.
struct TypicalCell {
  std::uint32_t defaults = 0;
  std::uint32_t hinted = 0;
  float default_logs = 0;
  float hinted_logs = 0;
  std::uint32_t failures = 0;  // in neither of the two above
  float total_ms = 0;
  float saved_ms = 0;

  void merge(const TypicalCell& other);
};

struct ArmTally {
  std::int64_t users = 0;
  std::int64_t explorer = 0;
  std::int64_t explorer_finished = 0;  // neither stopped nor failed
  std::int64_t timed_out = 0;
  double user_ms = 0;
  double explorer_ms = 0;  // of those that finished
  double least_ms = 0;
  TimePoint last;
};

struct TemplateFigures {
  std::int64_t id = 0;
  std::int64_t queries = 0;
  std::int64_t treated = 0;
  std::int64_t failures = 0;
  std::int64_t timed_out = 0;
  std::int64_t explorer_runs = 0;
  double total_ms = 0;
  TimePoint first;
  TimePoint last;
  std::int64_t last_reason = 0;     // of a user's statement
  std::int64_t last_hint = 0;       // arm's id; 0: never hinted
  std::int64_t policy_version = 0;  // of the last user's statement
  LatencySketch by_default;
  LatencySketch hinted;
  Saved saved;
  // log(latency / default's mean of the same statement) of treated runs.
  std::int64_t ratios = 0;
  double ratio_logs = 0;
  double ratio_squares = 0;
  Timeline<TypicalCell> over_time{std::chrono::minutes(1), 48};
  std::map<std::int64_t, ArmTally> arms;  // by arm's id
  std::vector<std::int64_t> recent;       // ids of its last users' rows, a ring
  std::size_t recent_next = 0;

  // Latency under hints over the default's, geometric mean; with the ends of its 95 % interval.
  struct Ratio {
    double value = 1;
    double low = 1;
    double high = 1;
  };
  bool compared() const { return ratios >= 2; }
  Ratio ratio() const;
};

inline constexpr std::size_t kRecentRows = 64;
// Upper ends of the latency histograms' buckets, ms.
inline constexpr std::array<double, 14> kLatencyBounds = {1,   2.5, 5,    10,   25,   50,    100,
                                                          250, 500, 1000, 2500, 5000, 10000, 30000};

// Counts with running sum, as Prometheus wants them: bucket i holds what is at most bound i.
struct LatencyHistogram {
  std::array<std::int64_t, kLatencyBounds.size() + 1> counts{};
  double sum_ms = 0;
  void add(double ms);
};

// Not thread-safe.
class Ledger {
 public:
  void add(const LedgerRow& row);

  // The whole buckets that reach beyond `length` before the newest row.
  struct Range {
    TimePoint from;
    TrafficCell figures;
  };
  Range last(std::chrono::microseconds length) const;

  // Everything, so that a restart need not add up the rows again; of this machine's byte order.
  std::string bytes() const;
  // kCorrupt for what bytes() of this version did not write.
  static Result<Ledger> from_bytes(std::string_view bytes);

  const Timeline<TrafficCell>& traffic() const { return traffic_; }
  const std::map<std::int64_t, TrafficCell>& phases() const { return phases_; }
  const std::unordered_map<std::int64_t, TemplateFigures>& templates() const { return templates_; }
  const TrafficCell& total() const { return total_; }
  const LatencyHistogram& default_histogram() const { return default_histogram_; }
  const LatencyHistogram& hinted_histogram() const { return hinted_histogram_; }
  const std::map<std::int64_t, std::int64_t>& reasons() const { return reasons_; }
  std::int64_t last_id() const { return last_id_; }
  TimePoint last_time() const { return last_time_; }

 private:
  // Default runs of one statement so far.
  struct Baseline {
    std::uint32_t runs = 0;
    float mean_ms = 0;
    float mean_log = 0;
  };
  struct Baselines {
    std::unordered_map<std::uint64_t, Baseline> by_statement;
    double log_squares = 0;  // within statements, around their means
    std::int64_t freedom = 0;
    double log_sd() const;
  };
  template <class Io, class Self>
  static void fields_of(Io& io, Self& ledger);
  void count(const LedgerRow& row, TrafficCell& cell) const;
  void count(const LedgerRow& row, TemplateFigures& figures);
  Saved compare(const LedgerRow& row, TemplateFigures& figures);
  void learn_default(std::int64_t template_id, std::uint64_t statement, double latency_ms);

  Timeline<TrafficCell> traffic_{std::chrono::minutes(1), 512};
  std::map<std::int64_t, TrafficCell> phases_;
  std::unordered_map<std::int64_t, TemplateFigures> templates_;
  std::unordered_map<std::int64_t, Baselines> baselines_;
  TrafficCell total_;
  LatencyHistogram default_histogram_;
  LatencyHistogram hinted_histogram_;
  std::map<std::int64_t, std::int64_t> reasons_;
  std::int64_t last_id_ = 0;
  TimePoint last_time_;
};

}  // namespace hintd::telemetry
