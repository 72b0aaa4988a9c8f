#include "app/bench_start.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/child_process.h"
#include "app/demo_database.h"
#include "app/wiring.h"
#include "core/statistics.h"
#include "learning/policy/memory_file.h"
#include "learning/policy/policy_store.h"
#include "safety/guard_file.h"
#include "telemetry/event_writer.h"

namespace hintd::app {
namespace {

using nlohmann::json;

constexpr int kStatements = 4;  // remembered of each template
constexpr int kRunsOfPlan = 3;  // of each plan of a statement
constexpr std::size_t kLiterals = 3;

// A data folder as a service has it after months: every template measured, steered by half of the
// versions' rules, guarded and seen in telemetry.
class StartBench {
 public:
  StartBench(const CommonOptions& common, const BenchStartOptions& options)
      : options_(options),
        folder_(std::filesystem::absolute(common.data_dir) / "bench_start"),
        common_(common),
        progress_(common.json) {}

  Result<json> run() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    std::filesystem::create_directories(folder_ / "data", ignored);
    HINTD_TRY(const auto database, DemoDatabase::open(common_.dsn, common_.data_dir, progress_));
    HINTD_TRY(const auto settings, settings_for(common_));
    HINTD_TRY(const auto wanted, catalogue_for(common_, settings));
    HINTD_TRY(auto accepted, accepted_catalogue(database.dsn(), wanted));
    progress_.update("making the data folder");
    HINTD_TRY_STATUS(make_memory(accepted.catalogue));
    HINTD_TRY_STATUS(make_agent(settings, accepted.catalogue));
    HINTD_TRY_STATUS(make_policies(database.dsn(), accepted.catalogue));
    HINTD_TRY_STATUS(make_guards(accepted.catalogue));
    HINTD_TRY_STATUS(make_telemetry(settings));
    std::vector<double> seconds;
    double resident_mib = 0;
    for (int i = 0; i < options_.repetitions; ++i) {
      const Stopwatch watch;
      HINTD_TRY(auto serving,
                ChildProcess::start(
                    {"/proc/self/exe", "serve", "--dsn", database.dsn(), "--data-dir",
                     folder_ / "data", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"},
                    folder_ / "serve.log"));
      // The last line before it tells its service manager that it is ready.
      HINTD_TRY_STATUS(serving.wait_for("dashboard: "));
      seconds.push_back(Seconds(watch.elapsed()).count());
      resident_mib = static_cast<double>(serving.resident_kib()) / 1024;
    }
    return json{{"templates", options_.templates},
                {"policies", options_.policies},
                {"ready_s",
                 {{"least", quantile(seconds, 0)},
                  {"p50", median(seconds)},
                  {"most", quantile(seconds, 1)}}},
                {"resident_mib", resident_mib},
                {"files_mib", sizes()}};
  }

 private:
  static std::uint64_t fingerprint(int i) { return 0x9e3779b97f4a7c15ULL * (i + 1ULL); }

  Status make_memory(const HintCatalogue& catalogue) {
    PlanMemory memory;
    for (int i = 0; i < options_.templates; ++i)
      for (int j = 0; j < kStatements; ++j)
        fill(memory.statement(fingerprint(i), literals()), catalogue);
    return learning::save_memory(Learned(folder_ / "data").memory, memory, 0, catalogue);
  }

  std::vector<std::uint64_t> literals() {
    std::vector<std::uint64_t> hashes;
    for (std::size_t i = 0; i < kLiterals; ++i) hashes.push_back(rng_.next());
    return hashes;
  }

  // Two plans, the second of them faster.
  void fill(StatementEvidence& statement, const HintCatalogue& catalogue) {
    statement.seen = 10;
    statement.observed_ms = rng_.uniform(10, 1000);
    statement.default_shape = rng_.next();
    for (auto& feature : statement.features) feature = static_cast<float>(rng_.uniform(0, 1));
    for (std::size_t arm = 0; arm < catalogue.size(); ++arm)
      statement.group_of_arm.push_back(arm % 2);
    statement.groups.resize(2);
    for (auto& group : statement.groups)
      for (int run = 0; run < kRunsOfPlan; ++run)
        group.finished_ms.push_back(statement.observed_ms * rng_.uniform(0.3, 1));
    for (int pair = 0; pair < kRunsOfPlan; ++pair)
      statement.groups[1].paired_ratios.push_back(rng_.uniform(0.3, 0.6));
  }

  Status make_agent(const config::Settings& settings, const HintCatalogue& catalogue) {
    const auto names = names_of(catalogue);
    HINTD_TRY(auto agent, learning::DqnAgent::create(settings.agent, names, rng_.split("agent")));
    for (int i = 0; i < settings.agent.replay_capacity; ++i) {
      learning::Transition transition;
      for (auto& feature : transition.state) feature = static_cast<float>(rng_.uniform(0, 1));
      transition.arm = static_cast<ArmId>(1 + rng_.below(names.size() - 1));
      transition.fingerprint = fingerprint(i % options_.templates);
      agent.observe(transition);
    }
    return agent.save(Learned(folder_ / "data").agent);
  }

  Status make_policies(const std::string& dsn, const HintCatalogue& catalogue) {
    HINTD_TRY(const auto server, server_identity(dsn));
    HINTD_TRY(auto store, learning::PolicyStore::open(folder_ / "data" / "policies", server,
                                                      catalogue, clock_));
    for (int i = 0; i < options_.policies; ++i) {
      learning::PolicyVersion version;
      for (int j = 0; j < options_.templates; ++j) {
        auto& rule = version.rules[fingerprint(j)];
        rule.rest.arm = static_cast<ArmId>(rng_.below(2));
        rule.default_latency = Millis(rng_.uniform(10, 1000));
      }
      HINTD_TRY(const auto id, store.add(std::move(version), "bench"));
      HINTD_TRY_STATUS(store.approve(id, "bench", ""));
      HINTD_TRY_STATUS(store.deploy(id, "bench", ""));
    }
    return {};
  }

  Status make_guards(const HintCatalogue& catalogue) {
    safety::GuardState state;
    const auto arms = names_of(catalogue);
    for (int i = 0; i < options_.templates; ++i)
      for (std::size_t run = 0; run < safety::GuardState::kDefaultRuns; ++run)
        state.default_runs[fingerprint(i)].push_back({literals(), rng_.uniform(10, 1000)});
    return safety::save_guards(folder_ / "data" / "guards.ckpt", state, arms);
  }

  Status make_telemetry(const config::Settings& settings) {
    auto config = settings.telemetry;
    config.path = folder_ / "data" / config.path.filename();
    config.queue_capacity = static_cast<std::size_t>(options_.templates) * 11 + 10;
    HINTD_TRY(auto writer, telemetry::EventWriter::open(config));
    RunStarted run;
    run.time = clock_.now();
    run.command = "serve";
    run.arms = {"default"};
    writer->record(run);
    for (int i = 0; i < options_.templates; ++i) {
      writer->record(TemplateSeen{fingerprint(i), {}, "analytical", std::string(300, 'x')});
      for (int j = 0; j < 10; ++j) {
        QueryObserved event;
        event.time = clock_.now();
        event.fingerprint = fingerprint(i);
        event.latency = event.arm_latency = Millis(rng_.uniform(10, 1000));
        writer->record(std::move(event));
      }
    }
    return writer->stop();
  }

  json sizes() const {
    json found = json::object();
    const auto mib = [](std::uintmax_t bytes) { return static_cast<double>(bytes) / (1 << 20); };
    double policies = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "data" / "policies"))
      policies += mib(entry.file_size());
    found["policies"] = policies;
    for (const auto* name : {"memory.ckpt", "agent.ckpt", "guards.ckpt", "telemetry.sqlite"})
      found[name] = mib(std::filesystem::file_size(folder_ / "data" / name));
    return found;
  }

  const BenchStartOptions options_;
  const std::filesystem::path folder_;
  const CommonOptions& common_;
  Progress progress_;
  SystemClock clock_;
  Rng rng_{1};
};

}  // namespace

int bench_start(const CommonOptions& common, const BenchStartOptions& options) {
  const auto measured = StartBench(common, options).run();
  if (!measured) return fail_with(measured.error());
  std::printf("%s\n", measured->dump(2).c_str());
  return kExitDone;
}

}  // namespace hintd::app
