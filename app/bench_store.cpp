#include "app/bench_store.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "app/backup_job.h"
#include "core/rng.h"
#include "core/statistics.h"
#include "telemetry/batch.h"
#include "telemetry/event_store.h"
#include "telemetry/rollup.h"

namespace hintd::app {
namespace {

using nlohmann::json;
using telemetry::Database;
using telemetry::EventStore;

constexpr std::uint64_t kStoredTemplates = 100;
constexpr int kRounds = 15;  // of batches beside single rows
constexpr auto kYear = std::chrono::hours(24 * 365);

TimePoint year_start() {
  return TimePoint(std::chrono::sys_days(std::chrono::year{2025} / 1 / 1));
}

std::vector<Event> a_run_and_its_templates() {
  RunStarted run;
  run.time = year_start();
  run.command = "bench";
  run.arms = {"default", "no_nestloop"};
  std::vector<Event> events{run};
  for (std::uint64_t i = 0; i <= kStoredTemplates; ++i)
    events.emplace_back(TemplateSeen{i, "template " + std::to_string(i), "SELECT $1", ""});
  return events;
}

// Statements as a day brings them: a few templates make most of it, latencies are log-normal.
QueryObserved a_statement(Rng& rng, TimePoint time) {
  QueryObserved event;
  const double place = rng.uniform(0, 1);
  event.time = time;
  event.fingerprint = 1 + static_cast<std::uint64_t>(place * place * kStoredTemplates);
  event.statement = rng.below(10'000);
  event.decision.arm = static_cast<ArmId>(rng.below(2));
  event.latency = event.arm_latency = Millis(std::exp(2 + rng.normal()));
  event.rows = static_cast<std::int64_t>(rng.below(1000));
  event.bytes = 40 * event.rows;
  event.plan_hash = event.fingerprint * 7 + event.decision.arm;
  event.blocks_hit = static_cast<std::int64_t>(rng.below(10'000));
  return event;
}

class StoreBench {
 public:
  StoreBench(const CommonOptions& common, const BenchStoreOptions& options)
      : options_(options), folder_(common.data_dir / "bench_store") {
    config_.path = folder_ / "telemetry.sqlite";
    config_.retention_days = 0;
  }

  Result<json> run() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    std::filesystem::create_directories(folder_, ignored);
    HINTD_TRY(const auto batches, time_batches());
    HINTD_TRY_STATUS(fill());
    HINTD_TRY(const auto queries, time_queries());
    HINTD_TRY(const auto backup, time_backup());
    return json{{"rows", options_.rows},   {"batches", batches},    {"fill_s", fill_s_},
                {"roll_up_s", roll_up_s_}, {"queries_ms", queries}, {"backup", backup}};
  }

 private:
  // The same rows and the same pragmas, one transaction a row or one for all: in turn, because what
  // a commit costs changes by the minute.
  Result<json> time_batches() {
    std::map<std::string, std::map<std::string, std::vector<double>>> us;  // by what, by how; a row
    for (int round = 0; round < kRounds; ++round) {
      for (const int batch : {1, options_.single_rows}) {
        const auto how = batch == 1 ? "single" : "batched";
        const double per_row = 1e6 / options_.single_rows;
        HINTD_TRY(auto store, new_store(how));
        HINTD_TRY(const double inserting, time_inserts(*store, batch));
        HINTD_TRY(const double updating,
                  time_changes(store->database(),
                               "UPDATE observations SET bytes = bytes + 1 WHERE id = ?", batch));
        HINTD_TRY(const double deleting,
                  time_changes(store->database(), "DELETE FROM observations WHERE id = ?", batch));
        us["insert"][how].push_back(per_row * inserting);
        us["update"][how].push_back(per_row * updating);
        us["delete"][how].push_back(per_row * deleting);
      }
    }
    json result;
    Rng rng(1);
    for (auto& [what, by_how] : us) {
      const auto& single = by_how["single"];
      const auto& batched = by_how["batched"];
      const auto interval = bootstrap_ratio_of_medians(single, batched, rng);
      result[what] = {{"single_us", median(single)},
                      {"batched_us", median(batched)},
                      {"speedup", median(single) / median(batched)},
                      {"ci_low", interval.low},
                      {"ci_high", interval.high}};
    }
    return result;
  }

  // With what every row refers to.
  Result<std::unique_ptr<EventStore>> new_store(const std::string& name) {
    auto config = config_;
    config.path = folder_ / (name + ".sqlite");
    for (const auto* part : {"", "-wal", "-shm"})
      std::filesystem::remove(config.path.string() + part);
    HINTD_TRY(auto store, EventStore::open(config));
    HINTD_TRY_STATUS(store->write(a_run_and_its_templates(), {}));
    return store;
  }

  Result<double> time_inserts(EventStore& store, int batch) {
    Rng rng(1);
    std::vector<Event> events;
    for (int i = 0; i < options_.single_rows; ++i)
      events.emplace_back(a_statement(rng, year_start() + std::chrono::seconds(i)));
    const Stopwatch watch;
    for (std::size_t i = 0; i < events.size(); i += static_cast<std::size_t>(batch))
      HINTD_TRY_STATUS(
          store.write(std::span(events).subspan(i, static_cast<std::size_t>(batch)), {}));
    return Seconds(watch.elapsed()).count();
  }

  Result<double> time_changes(Database& database, const char* sql, int batch) {
    HINTD_TRY(auto rows, telemetry::Batch::prepare(database, sql, static_cast<std::size_t>(batch)));
    const Stopwatch watch;
    for (std::int64_t id = 1; id <= options_.single_rows; ++id) HINTD_TRY_STATUS(rows.add(id));
    HINTD_TRY_STATUS(rows.finish());
    return Seconds(watch.elapsed()).count();
  }

  Status fill() {
    HINTD_TRY(auto store, EventStore::open(config_));
    Rng rng(2);
    const auto step = std::chrono::duration_cast<std::chrono::microseconds>(kYear) / options_.rows;
    const Stopwatch watch;
    auto batch = a_run_and_its_templates();
    for (std::int64_t i = 0; i < options_.rows; ++i) {
      batch.emplace_back(a_statement(rng, year_start() + i * step));
      if (batch.size() < config_.batch_size && i + 1 < options_.rows) continue;
      HINTD_TRY_STATUS(store->write(batch, {}));
      batch.clear();
    }
    fill_s_ = Seconds(watch.elapsed()).count();
    const Stopwatch rolling;
    HINTD_TRY_STATUS(telemetry::roll_up(store->database(), config_.batch_size));
    roll_up_s_ = Seconds(rolling.elapsed()).count();
    return {};
  }

  Result<json> time_queries() {
    using telemetry::RollupWidth;
    HINTD_TRY(auto database, Database::open(config_.path, Database::Access::kReadOnly));
    const auto end = year_start() + kYear;
    const auto last = [&](auto span) { return telemetry::TimeSpan{end - span, end}; };
    const auto series = [&](RollupWidth width, telemetry::TimeSpan span, std::int64_t id) {
      return [&database, width, span, id]() -> Status {
        HINTD_TRY_STATUS(telemetry::read_series(database, width, span, id));
        return {};
      };
    };
    const std::pair<const char*, std::function<Status()>> queries[] = {
        {"year_by_day", series(RollupWidth::kDay, last(kYear), 0)},
        {"month_by_hour", series(RollupWidth::kHour, last(std::chrono::hours(720)), 0)},
        {"day_by_minute", series(RollupWidth::kMinute, last(std::chrono::hours(24)), 0)},
        {"template_year_by_day", series(RollupWidth::kDay, last(kYear), 7)},
        {"heaviest_of_year", [&]() -> Status {
           HINTD_TRY_STATUS(telemetry::read_heaviest(database, last(kYear)));
           return {};
         }}};
    json times = json::object();
    for (const auto& [name, query] : queries) {
      std::vector<double> ms;
      for (int i = 0; i < options_.repetitions; ++i) {
        const Stopwatch watch;
        HINTD_TRY_STATUS(query());
        ms.push_back(watch.elapsed().count());
      }
      times[name] = {{"p50", median(ms)}, {"p95", quantile(ms, 0.95)}};
    }
    return times;
  }

  Result<json> time_backup() {
    const Stopwatch watch;
    SystemClock clock;
    HINTD_TRY(const auto backup, make_backup(config_, clock.now()));
    const auto raw = static_cast<double>(std::filesystem::file_size(config_.path));
    return json{{"seconds", Seconds(watch.elapsed()).count()},
                {"raw_bytes", raw},
                {"bytes", backup.bytes},
                {"share", static_cast<double>(backup.bytes) / raw}};
  }

  const BenchStoreOptions options_;
  const std::filesystem::path folder_;
  telemetry::TelemetryConfig config_;
  double fill_s_ = 0;
  double roll_up_s_ = 0;
};

}  // namespace

int bench_store(const CommonOptions& common, const BenchStoreOptions& options) {
  const auto measured = StoreBench(common, options).run();
  if (!measured) return fail_with(measured.error());
  std::printf("%s\n", measured->dump(2).c_str());
  return kExitDone;
}

}  // namespace hintd::app
