#include <cmath>
#include <csignal>
#include <cstdio>

#include "app/commands.h"
#include "app/output_folder.h"
#include "app/progress.h"
#include "core/rng.h"
#include "dashboard/web_server.h"
#include "telemetry/event_writer.h"
#include "telemetry/ledger_feed.h"

namespace hintd::app {
namespace {

constexpr TimePoint kFirstDay = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5);
constexpr auto kSpan = std::chrono::hours(24 * 30);
constexpr std::int64_t kBetweenFlushes = 20'000;
constexpr std::uint64_t kStatementsOfTemplate = 50;  // of a template

// A month of traffic: the first third under the default, then half of the templates hinted.
class Traffic {
 public:
  explicit Traffic(const BenchWebCommand& command)
      : command_(command), popularity_(static_cast<std::size_t>(command.templates), 1.05) {}

  Status write(telemetry::EventWriter& writer, Progress& progress) {
    RunStarted run;
    run.time = kFirstDay;
    run.command = "serve";
    run.server_version = "PostgreSQL 15.0";
    run.configuration = "{}";
    run.arms = {"default", "no_nestloop", "hash_only", "join_collapse_1"};
    writer.record(std::move(run));
    for (int i = 0; i < command_.templates; ++i)
      writer.record(TemplateSeen{
          fingerprint(i), "",
          "SELECT a, b FROM table_" + std::to_string(i) + " WHERE a = $1 AND b < $2 ORDER BY b",
          ""});
    HINTD_TRY_STATUS(writer.flush());
    for (std::int64_t i = 0; i < command_.rows; ++i) {
      writer.record(statement(i));
      if ((i + 1) % kBetweenFlushes != 0) continue;
      HINTD_TRY_STATUS(writer.flush());
      progress.update(bar(static_cast<double>(i) / static_cast<double>(command_.rows)) +
                      " writing telemetry");
    }
    return writer.stop();
  }

 private:
  static std::uint64_t fingerprint(int index) {
    return stable_hash("template " + std::to_string(index));
  }

  QueryObserved statement(std::int64_t i) {
    const auto index = static_cast<int>(popularity_.draw(rng_));
    const double part = static_cast<double>(i) / static_cast<double>(command_.rows);
    const bool hinted = part > 0.33 && index % 2 == 0;
    QueryObserved query;
    query.time = kFirstDay + std::chrono::duration_cast<std::chrono::microseconds>(kSpan * part);
    query.fingerprint = fingerprint(index);
    query.statement = 1 + rng_.below(kStatementsOfTemplate);
    query.decision.arm = hinted ? static_cast<ArmId>(1 + index % 3) : kDefaultArm;
    query.decision.reason = hinted ? DecisionReason::kVerified : DecisionReason::kNoWinner;
    query.latency = query.arm_latency =
        Millis(std::exp(1 + index % 7 + 0.3 * rng_.normal()) * (hinted ? 0.5 : 1));
    return query;
  }

  const BenchWebCommand& command_;
  ZipfDistribution popularity_;
  Rng rng_{1};
};

Status make_telemetry(const std::filesystem::path& file, const BenchWebCommand& command,
                      Progress& progress) {
  if (std::filesystem::exists(file)) return {};
  telemetry::TelemetryConfig config;
  config.path = file;
  HINTD_TRY(auto writer, telemetry::EventWriter::open(config));
  const Stopwatch watch;
  HINTD_TRY_STATUS(Traffic(command).write(*writer, progress));
  char line[100];
  std::snprintf(line, sizeof line, "wrote %lld statements in %s",
                static_cast<long long>(command.rows),
                duration_text(watch.elapsed().count() / 1000).c_str());
  progress.say(line);
  return {};
}

Status read_all(const std::filesystem::path& file, Progress& progress) {
  HINTD_TRY(auto feed, telemetry::LedgerFeed::open(file));
  const Stopwatch watch;
  HINTD_TRY_STATUS(feed.read_all());
  char line[160];
  std::snprintf(line, sizeof line,
                "added up %lld statements of %zu templates in %.1f s, %lld of them kept before",
                static_cast<long long>(feed.ledger().total().queries),
                feed.ledger().templates().size(), watch.elapsed().count() / 1000,
                static_cast<long long>(feed.restored_to()));
  progress.say(line);
  return {};
}

Status serve_until_interrupted(const CommonOptions& common, const BenchWebCommand& command) {
  HINTD_TRY(const auto settings, settings_for(common));
  Progress progress(common.json);
  const auto folder = common.data_dir / "bench-web";
  HINTD_TRY_STATUS(make_output_folder(folder));
  const auto file = folder / ("telemetry-" + std::to_string(command.rows) + ".sqlite");
  HINTD_TRY_STATUS(make_telemetry(file, command, progress));
  HINTD_TRY_STATUS(read_all(file, progress));
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  HINTD_TRY(const auto server,
            dashboard::WebServer::start({settings.dashboard, file, folder}, nullptr));
  progress.say("dashboard: " + server->address());
  int signal = 0;
  sigwait(&signals, &signal);
  return {};
}

}  // namespace

int bench_web(const CommonOptions& common, const BenchWebCommand& command) {
  const auto served = serve_until_interrupted(common, command);
  return served ? kExitDone : fail_with(served.error());
}

}  // namespace hintd::app
