#include <atomic>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/demo_database.h"
#include "app/evaluation.h"
#include "app/front_door.h"
#include "app/interrupt.h"
#include "app/output_folder.h"
#include "app/simulation.h"
#include "app/upkeep.h"
#include "app/web_front.h"
#include "app/wiring.h"
#include "core/durable_file.h"
#include "core/log.h"
#include "dashboard/report_html.h"
#include "database/demo/shop_setup.h"
#include "database/postgres/retry.h"
#include "learning/policy/memory_file.h"
#include "telemetry/reader.h"
#include "telemetry/report_json.h"
#include "telemetry/report_text.h"

namespace hintd::app {
namespace {

using database::demo::Split;
using database::demo::Workload;
using database::demo::WorkloadQuery;

// The simulated calendar begins here: a Monday, the same for every run.
constexpr TimePoint kSimulatedStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5);

class Demo {
 public:
  Demo(const CommonOptions& common, const DemoCommand& command)
      : common_(common),
        command_(command),
        out_(command.out.empty() ? common.data_dir / "demo" : command.out),
        progress_(common.json) {}

  Result<int> run() {
    HINTD_TRY(settings_, settings_for(common_));
    HINTD_TRY(const auto catalogue, catalogue_for(common_, settings_));
    HINTD_TRY_STATUS(make_output_folder(out_));
    HINTD_TRY(const auto lock, lock_data_folder());
    HINTD_TRY_STATUS(check_store());
    if (command_.resume) HINTD_TRY_STATUS(check_learned(catalogue));
    HINTD_TRY_STATUS(log_to_files(out_, settings_.log_level));
    catch_interrupts();
    HINTD_TRY(auto database, DemoDatabase::open(common_.dsn, common_.data_dir, progress_));
    dsn_ = database.dsn();
    HINTD_TRY_STATUS(load(dsn_));
    HINTD_TRY(const auto workload, Workload::create(database.dsn(), settings_.workload));
    HINTD_TRY(auto accepted, accepted_catalogue(database.dsn(), catalogue));
    HINTD_TRY(auto spec, policy_spec_for(common_));
    settings_.rules.max_risk = spec.max_risk;
    HINTD_TRY(const auto role,
              sandbox_role_for(settings_.level1, database.dsn(), database.is_private()));
    SimulatedClock simulated(kSimulatedStart);
    SystemClock real;
    Clock& clock = command_.fast_mode ? static_cast<Clock&>(simulated) : real;
    settings_.explorer.tries_at_once = settings_.simulation.tries_at_once;
    HINTD_TRY(auto house, House::build({settings_, std::move(accepted.catalogue), database.dsn(),
                                        out_, command_.resume},
                                       clock, real));
    HINTD_TRY_STATUS(announce(*house, accepted.server, clock));
    HINTD_TRY(const auto upkeep,
              Upkeep::open(*house, {dsn_, out_, std::move(spec), "steer", role, !command_.resume},
                           clock, real));
    upkeep->stop_when(interrupted);
    HINTD_TRY(auto web, open_dashboard(*house, workload, dsn_, clock));
    const auto lived = live(*house, *upkeep, workload, clock, real);
    return finish(*house, lived, clock);
  }

 private:
  // The private server ends with the demo that started it, under whoever else uses it.
  Result<std::optional<FileLock>> lock_data_folder() const {
    if (!common_.dsn.empty()) return std::nullopt;
    std::error_code ignored;
    std::filesystem::create_directories(common_.data_dir, ignored);
    const auto file = common_.data_dir / "demo.lock";
    auto lock = FileLock::try_take(file);
    if (lock) return std::optional(std::move(*lock));
    if (lock.error().kind != ErrorKind::kConflict) return tl::make_unexpected(lock.error());
    return fail(ErrorKind::kConflict, "another demo runs in " + common_.data_dir.string(),
                "wait for it, or choose another folder with --data-dir");
  }

  // Before minutes are spent on data. Telemetry of earlier runs is added to, whatever else is begun
  // anew.
  Status check_store() const {
    const auto reader = telemetry::Reader::open(store());
    if (reader || reader.error().kind == ErrorKind::kNotFound) return {};
    return tl::make_unexpected(reader.error());
  }

  // The same of what a resumed run needs, which is read again once the server has said which hint
  // sets it takes.
  Status check_learned(const HintCatalogue& catalogue) const {
    HINTD_TRY_STATUS(load_learned(Learned(out_), settings_, catalogue));
    auto reader = telemetry::Reader::open(store());
    if (!reader) return {};
    HINTD_TRY(const auto last, reader->read_report());
    return check_same_data(last.configuration);
  }

  // With other data, or another split of its literals, what is evaluated would not have been kept
  // from what was learned.
  Status check_same_data(const std::string& configuration) const {
    const auto last = nlohmann::json::parse(configuration, nullptr, false);
    const auto now = nlohmann::json::parse(config::to_json(settings_));
    for (const char* key :
         {"shop.scale", "shop.seed", "workload.seed", "workload.held_out_template_share",
          "workload.training_literals", "workload.held_out_literals"})
      if (last.contains(key) && last.at(key) != now.at(key))
        return fail(ErrorKind::kConflict,
                    out_.string() + " was learned with " + key + " " + last.at(key).dump() +
                        ", not " + now.at(key).dump(),
                    "resume with the same, or leave --resume out to start anew");
    return {};
  }

  std::filesystem::path store() const { return out_ / "telemetry.sqlite"; }

  Status load(const std::string& dsn) {
    database::demo::SetupOptions options;
    options.recipe = settings_.shop;
    // In the private cluster the shop is ours to replace; anywhere else it is not.
    options.replace = common_.dsn.empty();
    options.stopping = interrupted;
    HINTD_TRY(const auto summary,
              database::demo::setup_shop(dsn, options, [&](const auto& phase, double part) {
                progress_.update(bar(part) + " loading: " + phase);
              }));
    char line[160];
    std::snprintf(line, sizeof line, "demo data: scale %g, seed %llu, %lld rows%s",
                  settings_.shop.scale, static_cast<unsigned long long>(settings_.shop.seed),
                  static_cast<long long>(summary.total_rows()),
                  summary.already_loaded
                      ? ", loaded before"
                      : (", loaded in " + duration_text(summary.took.count())).c_str());
    progress_.say(line);
    return {};
  }

  Status announce(House& house, const database::ServerSettings& server, const Clock& clock) {
    RunStarted event;
    event.time = clock.now();
    event.command = "demo";
    event.seed = settings_.workload.seed;
    event.scale = settings_.shop.scale;
    event.duration_days = settings_.simulation.duration_days;
    event.server_version = server.version;
    event.configuration = config::to_json(settings_);
    event.arms = names_of(house.catalogue());
    house.events->record(std::move(event));
    // A run that is killed at once can be reported, and a full disk is met before the work.
    HINTD_TRY_STATUS(house.events->flush());
    progress_.say("PostgreSQL " + server.version + ", " + std::to_string(house.catalogue().size()) +
                  " hint sets");
    for (const auto& setting : server.settings)
      log_info("server_setting", {{"name", setting.name}, {"value", setting.value}});
    progress_.say("settings: " + config::to_json(settings_));
    return {};
  }

  Result<std::unique_ptr<WebFront>> open_dashboard(House& house, const Workload& workload,
                                                   const std::string& dsn, const Clock& clock) {
    for (const auto split : {Split::kHeldOutLiterals, Split::kHeldOutTemplates})
      for (const auto& query : workload.evaluation(split))
        if (const auto parsed = parse_query(query.sql))
          samples_.keep(parsed->query_template->fingerprint, query.sql);
    HouseSwitches switches;
    switches.hints_on = [&house] { return house.orders->hints_on(); };
    switches.switch_hints = [&house](bool on) { house.orders->switch_hints(on); };
    explore_budget_s_ = settings_.simulation.explore_budget_s;
    switches.explorer_budget_s = [this] { return explore_budget_s_.load(); };
    switches.config_file = common_.config_file;
    return WebFront::start(house, samples_, out_, dsn, clock, std::move(switches), progress_);
  }

  Status live(House& house, Upkeep& upkeep, const Workload& workload, Clock& clock, Clock& real) {
    const Rng rng(settings_.workload.seed);
    InlineExploring inline_exploring{*house.agent, settings_.agent,
                                     settings_.simulation.inline_share,
                                     settings_.rules.min_latency_ms, rng.split("inline")};
    SimulationParts parts{workload,
                          *house.session,
                          *house.optimizer,
                          *house.explorer,
                          upkeep,
                          *house.user_executor,
                          *house.events,
                          clock,
                          real,
                          progress_,
                          explore_budget_s_,
                          [&] { return house.save(upkeep.desk().in_force()); }};
    Simulation simulation(settings_.simulation, std::move(parts), std::move(inline_exploring),
                          rng.split("simulation"));
    const auto lived = simulation.run();
    HINTD_TRY_STATUS(house.save(upkeep.desk().in_force()));
    if (!lived) return lived;
    house.events->record(PhaseStarted{clock.now(), std::string(kEvaluationPhase)});
    HINTD_TRY_STATUS(
        examine(house, workload, Split::kHeldOutLiterals, telemetry::kSeenTemplates, clock, real));
    HINTD_TRY_STATUS(examine(house, workload, Split::kHeldOutTemplates, telemetry::kUnseenTemplates,
                             clock, real));
    upkeep.desk().settle();
    const auto shown = go_through_proxy(house, workload, clock);
    if (shown || shown.error().kind == ErrorKind::kCancelled) return shown;
    log_error("proxied_failed", {{"error", shown.error().text()}});
    progress_.say("through the proxy: " + shown.error().text());
    return {};
  }

  // Last, so that nothing that is measured before depends on it.
  Status go_through_proxy(House& house, const Workload& workload, const Clock& clock) {
    const int statements = settings_.simulation.proxied_statements;
    if (statements == 0) return {};
    house.events->record(PhaseStarted{clock.now(), std::string(kProxiedPhase)});
    HINTD_TRY(const auto governance, governance_for(common_));
    HINTD_TRY(const auto door, FrontDoor::open(house, governance, dsn_, clock));
    auto traffic = Rng(settings_.workload.seed).split("proxied");
    for (int i = 0; i < statements; ++i) {
      if (interrupted()) return fail(ErrorKind::kCancelled, "interrupted");
      HINTD_TRY_STATUS(door->serve(workload.draw(traffic).sql));
      progress_.update(bar((i + 1.0) / statements) + " through the proxy");
    }
    const auto seen = door->summary();
    char line[240];
    std::snprintf(
        line, sizeof line,
        "through the proxy: %d statements, %.0f ms (directly %.0f ms), median ratio %.3f; "
        "%lld hinted, %lld hedged and fast enough, %lld run again, %d answered otherwise",
        seen.statements, seen.proxied.count(), seen.direct.count(), seen.median_ratio,
        static_cast<long long>(seen.hinted), static_cast<long long>(seen.waited),
        static_cast<long long>(seen.stopped), seen.different);
    progress_.say(line);
    log_info("proxied", {{"statements", static_cast<std::int64_t>(seen.statements)},
                         {"proxied_ms", seen.proxied.count()},
                         {"direct_ms", seen.direct.count()},
                         {"median_ratio", seen.median_ratio},
                         {"hinted", seen.hinted},
                         {"hedged", seen.waited},
                         {"run_again", seen.stopped},
                         {"answered_otherwise", static_cast<std::int64_t>(seen.different)}});
    return {};
  }

  Status examine(House& house, const Workload& workload, Split split, const std::string& name,
                 const Clock& clock, Clock& real) {
    Evaluation evaluation(
        settings_.simulation.evaluation_pairs,
        {house.catalogue(), *house.user_executor, *house.session, *house.events, clock},
        Rng(settings_.workload.seed).split(name));
    const auto queries = workload.evaluation(split);
    double default_ms = 0;
    double learned_ms = 0;
    const Stopwatch watch;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const auto& query = queries[i];
      const Statement statement{query.sql, query.template_name,
                                std::string(to_string(query.query_class))};
      const auto evaluate = [&]() -> Result<QueryEvaluated> {
        if (interrupted()) return fail(ErrorKind::kCancelled, "interrupted");
        return evaluation.evaluate(name, query.template_name + "/" + std::to_string(i), statement);
      };
      auto result = evaluate();
      if (!result && result.error().kind == ErrorKind::kCancelled && !interrupted())
        result = evaluate();  // somebody else's cancel
      if (!result && result.error().kind == ErrorKind::kUnavailable) {
        progress_.say("the server is away: " + result.error().message);
        result = database::retry_until_available(real, {}, evaluate);
      }
      if (!result) return tl::make_unexpected(result.error());
      default_ms += result->default_ms;
      learned_ms += result->learned_ms;
      const double done = static_cast<double>(i + 1) / static_cast<double>(queries.size());
      char line[200];
      std::snprintf(line, sizeof line,
                    "%s evaluating %s %zu/%zu  default %.0f ms  learned %.0f ms  ETA %s",
                    bar(done).c_str(), name.c_str(), i + 1, queries.size(), default_ms, learned_ms,
                    duration_text(watch.elapsed().count() / 1000 / done * (1 - done)).c_str());
      progress_.update(line);
    }
    progress_.say("evaluated " + std::to_string(queries.size()) + " queries of " + name);
    return {};
  }

  Result<int> finish(House& house, const Status& lived, const Clock& clock) {
    const bool stopped = !lived && lived.error().kind == ErrorKind::kCancelled;
    const std::string outcome = lived     ? "completed"
                                : stopped ? "interrupted"
                                          : "failed: " + lived.error().message;
    if (!lived) log_error("run_ended", {{"outcome", outcome}, {"error", lived.error().text()}});
    house.events->record(RunFinished{clock.now(), outcome});
    const auto kept = house.events->stop();
    flush_log();
    const auto written = write_reports();
    // The first cause: a full disk fails all three.
    if (!lived && !stopped) return tl::make_unexpected(lived.error());
    if (!kept) return tl::make_unexpected(kept.error());
    HINTD_TRY_STATUS(written);
    return stopped ? kExitFailed : kExitDone;
  }

  Status write_reports() {
    HINTD_TRY(auto reader, telemetry::Reader::open(store()));
    HINTD_TRY(const auto report, reader.read_report());
    const auto as_json = telemetry::report_json(report);
    const auto text = telemetry::report_text(report);
    HINTD_TRY_STATUS(replace_file(out_ / "final_report.json", as_json + "\n"));
    HINTD_TRY_STATUS(replace_file(out_ / "final_report.txt", text));
    HINTD_TRY_STATUS(replace_file(out_ / "final_report.html", dashboard::report_html(report)));
    std::cout << (common_.json ? as_json + "\n" : text) << std::flush;
    progress_.say("report: " + (out_ / "final_report.html").string() + " (also .txt and .json)");
    return {};
  }

  const CommonOptions& common_;
  const DemoCommand& command_;
  std::filesystem::path out_;
  Progress progress_;
  std::string dsn_;
  config::Settings settings_;
  StatementSamples samples_;
  std::atomic<double> explore_budget_s_{0};  // the page asks for it
};

}  // namespace

int demo(const CommonOptions& common, const DemoCommand& command) {
  const auto status = Demo(common, command).run();
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
