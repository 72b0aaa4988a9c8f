#include <csignal>
#include <cstdio>
#include <future>
#include <mutex>

#include "app/background_learning.h"
#include "app/caretaker.h"
#include "app/commands.h"
#include "app/demo_database.h"
#include "app/descriptor_limit.h"
#include "app/guard_keeper.h"
#include "app/inline_trials.h"
#include "app/instance_lock.h"
#include "app/meta_search.h"
#include "app/resource_watch.h"
#include "app/service_notify.h"
#include "app/upkeep.h"
#include "app/web_front.h"
#include "app/wiring.h"
#include "config/reload.h"
#include "config/secrets.h"
#include "core/durable_file.h"
#include "core/log.h"
#include "database/postgres/server_address.h"
#include "learning/agent/network_arithmetic.h"
#include "proxy/proxy.h"
#include "safety/guard_file.h"
#include "telemetry/damaged_file.h"
#include "telemetry/reader.h"

namespace hintd::app {
namespace {

constexpr int kHintsOff = SIGUSR1;
constexpr int kHintsOn = SIGUSR2;

// Those the program answers, kept from every thread but the one that waits for them.
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, kHintsOff, kHintsOn})
    sigaddset(&signals, signal);
  return signals;
}

proxy::ServerTls tls_of(const std::string& sslmode) {
  if (sslmode == "require") return proxy::ServerTls::kRequire;
  if (sslmode == "verify-ca") return proxy::ServerTls::kVerifyCa;
  if (sslmode == "verify-full") return proxy::ServerTls::kVerifyFull;
  if (sslmode == "prefer") return proxy::ServerTls::kPrefer;
  return proxy::ServerTls::kOff;
}

// Every user of the machine can read a command line.
Status refuse_password(const std::string& dsn) {
  if (config::without_passwords(dsn) == dsn) return {};
  return fail(ErrorKind::kInvalidInput, "--dsn holds a password",
              "put it into ~/.pgpass, PGPASSFILE, or a file that HINTD_SERVE_DSN_FILE names");
}

class Service {
 public:
  Service(const CommonOptions& common, const ServeCommand& command)
      : common_(common), command_(command), progress_(common.json) {}

  Result<int> run() {
    HINTD_TRY_STATUS(refuse_password(common_.dsn));
    HINTD_TRY(settings_, settings_for(common_));
    HINTD_TRY(const auto catalogue, catalogue_for(common_, settings_));
    HINTD_TRY(auto spec, policy_spec_for(common_));
    settings_.rules.max_risk = spec.max_risk;
    HINTD_TRY(governance_, governance_for(common_));
    HINTD_TRY_STATUS(make_folder());
    HINTD_TRY(const auto lock, InstanceLock::take(common_.data_dir));
    HINTD_TRY_STATUS(log_to_files(common_.data_dir, settings_.log_level, settings_.log_format));
    const auto signals = awaited_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // A limit on the size of files is met as a full disk is.
    std::signal(SIGXFSZ, SIG_IGN);
    // Beside all that comes before the first network.
    const auto torch = std::async(std::launch::async, learning::load_arithmetic);
    HINTD_TRY(const auto database, DemoDatabase::open(dsn(), common_.data_dir, progress_));
    HINTD_TRY(const auto server, database::find_server(database.dsn()));
    HINTD_TRY(auto accepted, accepted_catalogue(database.dsn(), catalogue));
    // Beside the plan memory, which takes longer.
    guards_ = std::async(std::launch::async, safety::load_guards, guards_file(),
                         names_of(accepted.catalogue));
    HINTD_TRY(auto house, build_house(database.dsn(), std::move(accepted.catalogue)));
    HINTD_TRY_STATUS(announce(*house, accepted.server));
    HINTD_TRY(const auto role,
              sandbox_role_for(settings_.level1, database.dsn(), database.is_private()));
    HINTD_TRY(const auto upkeep,
              open_upkeep(*house, {database.dsn(), common_.data_dir, std::move(spec),
                                   std::string(to_string(settings_.serve.mode)), role, false,
                                   learning::Connections::kOne}));
    MetaSearch search(settings_, names_of(house->catalogue()), common_.data_dir);
    upkeep->jobs().every(settings_.level2.every, "level_2", [&house, &search] {
      search.begin(house->memory);
      return Status{};
    });
    ResourceWatch resources(settings_.safety, common_.data_dir, database.dsn(), clock_,
                            *house->events);
    HINTD_TRY_STATUS(serve(*house, *upkeep, resources, server, database.dsn()));
    return kExitDone;
  }

 private:
  std::filesystem::path guards_file() const { return common_.data_dir / "guards.ckpt"; }

  std::string dsn() const {
    if (!common_.dsn.empty() || settings_.serve.dsn == "none") return common_.dsn;
    return settings_.serve.dsn;
  }

  Status make_folder() const {
    std::error_code error;
    std::filesystem::create_directories(common_.data_dir, error);
    if (!error) return {};
    return fail(ErrorKind::kUnavailable,
                "cannot make the folder " + common_.data_dir.string() + ": " + error.message(),
                "choose another one with --data-dir");
  }

  // A file that cannot be used must not keep the traffic waiting.
  Status rescue_telemetry() {
    const auto file = common_.data_dir / settings_.telemetry.path.filename();
    HINTD_TRY(const auto aside, telemetry::set_aside_if_damaged(file));
    if (!aside) return {};
    log_error("telemetry_damaged", {{"file", file.string()}, {"set_aside", aside->string()}});
    progress_.say(file.string() + " is damaged; it is set aside as " + aside->string());
    return {};
  }

  // What was learned before, if it can be read: traffic is served with or without.
  Result<std::unique_ptr<House>> build_house(const std::string& dsn, HintCatalogue catalogue) {
    HINTD_TRY_STATUS(rescue_telemetry());
    const Learned files(common_.data_dir);
    const bool resume =
        std::filesystem::exists(files.memory) && std::filesystem::exists(files.agent);
    House::Options options{settings_, std::move(catalogue), dsn, common_.data_dir, resume};
    auto house = House::build(options, clock_, clock_);
    if (house || !resume || house.error().kind != ErrorKind::kCorrupt) return house;
    std::fprintf(stderr, "hintd: %s; it is set aside, and hintd learns anew\n",
                 house.error().message.c_str());
    log_error("learned_unreadable", {{"error", house.error().text()}});
    for (const auto& file : {files.memory, files.agent})
      HINTD_TRY_STATUS(set_aside(file, kUnreadable));
    options.resume = false;
    return House::build(std::move(options), clock_, clock_);
  }

  // With the policies of before, or with none where they cannot be read.
  Result<std::unique_ptr<Upkeep>> open_upkeep(House& house, const Upkeep::Options& options) {
    auto upkeep = Upkeep::open(house, options, clock_, clock_);
    if (upkeep || upkeep.error().kind != ErrorKind::kCorrupt) return upkeep;
    HINTD_TRY(const auto aside, set_aside(common_.data_dir / "policies", kUnreadable));
    std::fprintf(stderr,
                 "hintd: %s; it is set aside as %s, and no policy is deployed, pinned or banned\n",
                 upkeep.error().message.c_str(), aside.c_str());
    log_error("policies_unreadable",
              {{"error", upkeep.error().text()}, {"set_aside", aside.string()}});
    return Upkeep::open(house, options, clock_, clock_);
  }

  Status announce(House& house, const database::ServerSettings& server) {
    RunStarted event;
    event.time = clock_.now();
    event.command = "serve";
    event.server_version = server.version;
    event.configuration = config::to_json(settings_);
    event.arms = names_of(house.catalogue());
    house.events->record(std::move(event));
    // A full disk is met before the first client, and a run that is killed is known.
    HINTD_TRY_STATUS(house.events->flush());
    house.optimizer->set_mode(settings_.serve.mode);
    return {};
  }

  Result<std::optional<ArmId>> forced_arm(const HintCatalogue& catalogue) const {
    if (command_.force_hints.empty()) return std::optional<ArmId>();
    if (const auto arm = catalogue.find(command_.force_hints)) return std::optional(*arm);
    return fail(ErrorKind::kNotFound, "there is no hint set '" + command_.force_hints + "'",
                "name one of config/hints.yaml");
  }

  static void recall_samples(const telemetry::TelemetryConfig& config, StatementSamples& samples) {
    if (!config.keep_samples) return;  // the writer has just deleted what there was
    auto reader = telemetry::Reader::open(config.path);
    if (!reader) return;
    const auto kept = reader->read_samples();
    if (!kept) return log_warning("samples_unreadable", {{"error", kept.error().text()}});
    for (const auto& [fingerprint, sql] : *kept) samples.keep(fingerprint, sql);
  }

  // Past its limit a client is told so; past the system's it would be left waiting.
  proxy::ProxyConfig proxy_config() const {
    auto config = settings_.proxy;
    const int most = clients_that_fit();
    if (most >= config.max_connections) return config;
    config.max_connections = most;
    log_warning("connections_limited", {{"max_connections", most}});
    progress_.say("the limit on open files leaves room for " + std::to_string(most) +
                  " clients; raise it (ulimit -n) for more");
    return config;
  }

  Status serve(House& house, Upkeep& upkeep, ResourceWatch& resources,
               const database::ServerEndpoint& server, const std::string& dsn) {
    HINTD_TRY(const auto forced, forced_arm(house.catalogue()));
    const GuardKeeper guards(*house.supervisor, house.catalogue(), guards_file(), guards_.get());
    StatementSamples samples;
    recall_samples(house.settings().telemetry, samples);
    InlineTrials trials(house, clock_);
    std::optional<BackgroundLearning> learning;
    learning.emplace(house, upkeep, resources, samples, trials);
    proxy::ProxyParts parts{
        house.catalogue(), governance_,      *house.optimizer,
        *house.events,     clock_,           &*learning,
        server.database,   settings_.safety, house.supervisor.get(),
        &trials,           forced,           [&learning] { return learning->state(); }};
    const proxy::ServerAddress address{
        {server.host, server.port}, tls_of(server.sslmode), server.sslrootcert};
    HINTD_TRY(auto front, proxy::Proxy::start(proxy_config(), address, std::move(parts)));
    progress_.say("listening on " + front->listening().text() + " for the server at " +
                  address.address.text());
    std::optional<Caretaker> caretaker;
    caretaker.emplace(house.settings().telemetry, clock_,
                      [&front] { return front->counts().statements; });
    HINTD_TRY(auto web, WebFront::start(house, samples, common_.data_dir, dsn, clock_,
                                        switches_of(*front, house, *caretaker), progress_));
    notify_service_manager("READY=1\nSTATUS=listening on " + front->listening().text());
    wait_for_end(house, *front, *caretaker);
    notify_service_manager("STOPPING=1");
    web.reset();
    caretaker.reset();
    const bool all_gone = front->drain();
    log_info("drained", {{"all_sessions_ended", all_gone ? "yes" : "no"}});
    front.reset();
    learning.reset();
    house.events->record(RunFinished{clock_.now(), "completed"});
    return house.events->stop();
  }

  HouseSwitches switches_of(proxy::Proxy& front, House& house, Caretaker& caretaker) {
    HouseSwitches switches;
    switches.reload = [this, &house, &caretaker] { return reload(house, caretaker); };
    switches.jobs = [&caretaker] { return caretaker.jobs(); };
    switches.config_file = common_.config_file;
    switches.hints_on = [&front] { return front.hints_switched_on(); };
    switches.switch_hints = [&front](bool on) { front.switch_hints(on); };
    switches.gauges = [&front] {
      const auto counts = front.counts();
      return std::vector<Gauge>{{"proxy_connections", static_cast<double>(counts.open), 0},
                                {"proxy_statements", static_cast<double>(counts.statements), 0},
                                {"proxy_errors", static_cast<double>(counts.errors), 0}};
    };
    return switches;
  }

  void wait_for_end(House& house, proxy::Proxy& front, Caretaker& caretaker) {
    const auto signals = awaited_signals();
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal != SIGINT && signal != SIGTERM) {
      if (signal == SIGHUP)
        reload_and_say(house, caretaker);
      else
        front.switch_hints(signal == kHintsOn);
    }
    // A second one ends the program at once.
    sigset_t last;
    sigemptyset(&last);
    sigaddset(&last, SIGINT);
    sigaddset(&last, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &last, nullptr);
    progress_.say("draining");
  }

  // Settings that are wrong change nothing.
  Result<ReloadedSettings> reload(House& house, Caretaker& caretaker) {
    const std::lock_guard lock(reloading_);
    notify_service_manager("RELOADING=1");
    const auto wanted = settings_for(common_);
    Result<ReloadedSettings> reloaded = ReloadedSettings{};
    if (wanted) {
      auto changed = config::reload(settings_, *wanted);
      const bool other_mode = changed.in_force.serve.mode != settings_.serve.mode;
      settings_ = std::move(changed.in_force);
      apply(house, caretaker, other_mode);
      for (const auto& key : changed.applied) log_info("setting_changed", {{"key", key}});
      for (const auto& key : changed.need_restart)
        log_warning("setting_needs_restart", {{"key", key}});
      *reloaded = {std::move(changed.applied), std::move(changed.need_restart)};
    } else {
      log_error("settings_refused", {{"error", wanted.error().text()}});
      reloaded = tl::make_unexpected(wanted.error());
    }
    notify_service_manager("READY=1");
    return reloaded;
  }

  void reload_and_say(House& house, Caretaker& caretaker) {
    const auto reloaded = reload(house, caretaker);
    if (!reloaded)
      return progress_.say("settings are left as they are: " + reloaded.error().text());
    progress_.say("settings reloaded: " + std::to_string(reloaded->changed.size()) + " changed, " +
                  std::to_string(reloaded->need_restart.size()) + " need a restart");
  }

  // A mode that was set through the API stays until the settings say another one than before.
  void apply(House& house, Caretaker& caretaker, bool other_mode) const {
    set_log_level(settings_.log_level);
    if (other_mode) house.optimizer->set_mode(settings_.serve.mode);
    auto telemetry = settings_.telemetry;
    telemetry.path = house.settings().telemetry.path;
    caretaker.configure(telemetry);
  }

  const CommonOptions& common_;
  const ServeCommand& command_;
  mutable Progress progress_;
  SystemClock clock_;
  config::Settings settings_;
  Governance governance_;
  std::future<Result<safety::GuardState>> guards_;
  std::mutex reloading_;
};

}  // namespace

int serve(const CommonOptions& common, const ServeCommand& command) {
  const auto status = Service(common, command).run();
  flush_log();
  return status ? *status : fail_with(status.error());
}

int switch_hints(const CommonOptions& common, bool on) {
  const auto holder = InstanceLock::holder(common.data_dir);
  if (!holder)
    return fail_with({ErrorKind::kNotFound, "no hintd serves with " + common.data_dir.string(),
                      "name its folder with --data-dir"});
  if (kill(*holder, on ? kHintsOn : kHintsOff) != 0)
    return fail_with({ErrorKind::kUnavailable,
                      "cannot signal the hintd that serves, process " + std::to_string(*holder),
                      "use the user it runs as"});
  std::printf("hints are %s from the next statement on\n", on ? "on" : "off");
  return kExitDone;
}

}  // namespace hintd::app
