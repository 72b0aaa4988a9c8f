#include "app/bench_proxy.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/bench_bulk.h"
#include "app/child_process.h"
#include "app/commands.h"
#include "app/demo_database.h"
#include "core/statistics.h"
#include "database/demo/private_cluster_process.h"
#include "database/postgres/connection.h"
#include "database/postgres/server_address.h"

namespace hintd::app {
namespace {

constexpr int kScale = 10;  // of pgbench's tables
constexpr const char* kForced = "no_nestloop";

struct ProxyWorkload {
  std::string name;
  std::string mode;  // simple, extended, prepared
  int clients = 1;
  bool select_one = false;  // SELECT 1 instead of pgbench's select-only script
};

std::vector<ProxyWorkload> workloads() {
  std::vector<ProxyWorkload> all;
  for (const auto* mode : {"simple", "prepared"})
    all.push_back({std::string("SELECT 1, ") + mode + ", 1 client", mode, 1, true});
  for (const auto* mode : {"simple", "extended", "prepared"})
    for (const int clients : {1, 16, 64})
      all.push_back({std::string("pgbench -S, ") + mode + ", " + std::to_string(clients) +
                         (clients == 1 ? " client" : " clients"),
                     mode, clients, false});
  return all;
}

// Where a run of pgbench connects.
struct Contestant {
  std::string name;
  std::string host;
  int port = 0;
  const ChildProcess* process = nullptr;  // null: the server itself
};

// One run of pgbench.
struct Run {
  double tps = 0;
  double cpu_us = 0;  // of the contestant's process, for each statement
};

// The number behind a name in what pgbench says.
Result<double> number_after(const std::string& said, const std::string& name) {
  const auto at = said.find(name);
  if (at == said.npos) return fail(ErrorKind::kInternal, "pgbench told no '" + name + "': " + said);
  return std::stod(said.substr(at + name.size()));
}

class ProxyBench {
 public:
  explicit ProxyBench(const BenchProxyOptions& options)
      : options_(options), progress_(options.json) {}

  Status run() {
    HINTD_TRY(const auto database, DemoDatabase::open(options_.dsn, options_.data_dir, progress_));
    dsn_ = database.dsn();
    HINTD_TRY(server_, database::find_server(dsn_));
    HINTD_TRY(programs_, database::find_postgres_programs(""));
    folder_ = std::filesystem::absolute(options_.data_dir) / "bench" / "proxy";
    std::filesystem::create_directories(folder_);
    HINTD_TRY_STATUS(make_tables());
    HINTD_TRY(const auto bouncer, start_pgbouncer());
    HINTD_TRY(const auto plain, start_hintd("hintd", {}));
    HINTD_TRY(const auto hinting,
              start_hintd("hintd, every statement hinted", {"--force-hints", kForced}));
    contestants_[0].process = &bouncer;
    contestants_[1].process = &plain;
    contestants_[2].process = &hinting;
    contestants_.insert(contestants_.begin(), contestant_direct());
    if (options_.rounds > 0)
      for (const auto& workload : workloads()) HINTD_TRY_STATUS(measure(workload));
    if (options_.idle_clients > 0) HINTD_TRY_STATUS(measure_idle(plain));
    if (options_.bulk) HINTD_TRY_STATUS(measure_bulk(plain));
    if (options_.json) std::printf("%s\n", figures_.dump(2).c_str());
    return {};
  }

 private:
  using Measured = std::map<std::string, std::vector<double>>;  // by contestant

  Status make_tables() {
    HINTD_TRY(auto connection, database::Connection::open({dsn_}));
    HINTD_TRY(const auto found, connection.query("SELECT to_regclass('pgbench_accounts')"));
    if (found.at(0).at(0)) return {};
    progress_.say("making pgbench's tables");
    return pgbench({"-i", "-q", "-s", std::to_string(kScale)}, contestant_direct())
        .map([](const auto&) {});
  }

  Contestant contestant_direct() const { return {"direct", server_.host, server_.port}; }

  // What pgbench says.
  Result<std::string> pgbench(std::vector<std::string> arguments, const Contestant& where) const {
    std::vector<std::string> command = {programs_ / "pgbench"};
    arguments.insert(arguments.end(), {"-h", where.host, "-p", std::to_string(where.port), "-U",
                                       server_.user, server_.database});
    command.insert(command.end(), arguments.begin(), arguments.end());
    HINTD_TRY(const auto user, database::server_user());
    HINTD_TRY(const auto ended, database::run_as(user, command));
    if (ended.status == 0) return ended.output;
    return fail(ErrorKind::kUnavailable, "pgbench failed at " + where.name + ": " + ended.output);
  }

  Result<ChildProcess> start_pgbouncer() {
    HINTD_TRY(const int port, database::free_loopback_port());
    std::ofstream(folder_ / "users.txt") << '"' << server_.user << "\" \"\"\n";
    std::ofstream(folder_ / "pgbouncer.ini")
        << "[databases]\n* = host=" << server_.host << " port=" << server_.port
        << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port
        << "\nunix_socket_dir =\nauth_type = trust\nauth_file = "
        << (folder_ / "users.txt").string()
        << "\npool_mode = session\nmax_client_conn = 2000\ndefault_pool_size = 1000\n"
        << "ignore_startup_parameters = extra_float_digits\nlog_connections = 0\n"
        << "log_disconnections = 0\n";
    std::vector<std::string> command = {"pgbouncer", folder_ / "pgbouncer.ini"};
    if (geteuid() == 0) command.insert(command.begin() + 1, {"-u", "postgres"});
    HINTD_TRY(auto child, ChildProcess::start(command, folder_ / "pgbouncer.log"));
    HINTD_TRY_STATUS(child.wait_for("process up"));
    contestants_.push_back({"pgbouncer", "127.0.0.1", port});
    return child;
  }

  Result<ChildProcess> start_hintd(const std::string& name, std::vector<std::string> more) {
    HINTD_TRY(const int port, database::free_loopback_port());
    const auto data = folder_ / ("data-" + std::to_string(contestants_.size()));
    std::filesystem::remove_all(data);
    std::vector<std::string> command = {
        "/proc/self/exe", "serve", "--dsn",    dsn_,
        "--data-dir",     data,    "--listen", "127.0.0.1:" + std::to_string(port)};
    command.insert(command.end(), more.begin(), more.end());
    HINTD_TRY(auto child, ChildProcess::start(command, data.string() + ".log"));
    HINTD_TRY_STATUS(child.wait_for("listening on"));
    contestants_.push_back({name, "127.0.0.1", port});
    return child;
  }

  Result<Run> run_pgbench(const ProxyWorkload& workload, const Contestant& where) const {
    const auto clients = std::to_string(workload.clients);
    std::vector<std::string> arguments = {"-n",
                                          "-M",
                                          workload.mode,
                                          "-c",
                                          clients,
                                          "-j",
                                          workload.clients > 1 ? "2" : "1",
                                          "-T",
                                          std::to_string(options_.seconds)};
    if (workload.select_one)
      arguments.insert(arguments.end(), {"-f", folder_ / "select_one.sql"});
    else
      arguments.push_back("-S");
    const auto used = [&] {
      return where.process != nullptr ? where.process->cpu_time() : Seconds(0);
    };
    const auto before = used();
    HINTD_TRY(const auto said, pgbench(std::move(arguments), where));
    const auto cpu = used() - before;
    HINTD_TRY(const double tps, number_after(said, "tps = "));
    HINTD_TRY(const double statements, number_after(said, "actually processed: "));
    return Run{tps, 1e6 * cpu.count() / std::max(1.0, statements)};
  }

  Status measure(const ProxyWorkload& workload) {
    std::ofstream(folder_ / "select_one.sql") << "SELECT 1;\n";
    Measured tps;
    Measured cpu_us;
    for (int round = 0; round < options_.rounds; ++round) {
      auto order = contestants_;
      if (round % 2 == 1) std::reverse(order.begin(), order.end());
      for (const auto& contestant : order) {
        progress_.update(workload.name + ", round " + std::to_string(round + 1) + ", " +
                         contestant.name);
        HINTD_TRY(const auto measured, run_pgbench(workload, contestant));
        tps[contestant.name].push_back(measured.tps);
        cpu_us[contestant.name].push_back(measured.cpu_us);
      }
    }
    show(workload, tps, cpu_us);
    return {};
  }

  void show(const ProxyWorkload& workload, const Measured& tps, const Measured& cpu_us) {
    nlohmann::json figure = {{"workload", workload.name}};
    if (!options_.json) std::printf("%s\n", workload.name.c_str());
    for (const auto& contestant : contestants_) {
      const auto& values = tps.at(contestant.name);
      const auto& [low, high] = std::minmax_element(values.begin(), values.end());
      const double added_us =
          1e6 * workload.clients * (1 / median(values) - 1 / median(tps.at("direct")));
      const double cpu = median(cpu_us.at(contestant.name));
      figure[contestant.name] = {{"tps", median(values)},
                                 {"low", *low},
                                 {"high", *high},
                                 {"added_us", added_us},
                                 {"cpu_us", cpu}};
      if (options_.json) continue;
      std::printf("  %-32s %9.0f tps (%.0f to %.0f)", contestant.name.c_str(), median(values), *low,
                  *high);
      if (contestant.name == "direct")
        std::printf("\n");
      else
        std::printf("  +%.1f us, %.1f us of its CPU time\n", added_us, cpu);
    }
    show_ratio(figure, tps, "hintd", "pgbouncer");
    show_ratio(figure, tps, contestants_.back().name, "hintd");
    figures_.push_back(std::move(figure));
  }

  void show_ratio(nlohmann::json& figure, const Measured& tps, const std::string& a,
                  const std::string& b) const {
    Rng rng(1);
    const double ratio = median(tps.at(a)) / median(tps.at(b));
    const auto interval = bootstrap_ratio_of_medians(tps.at(a), tps.at(b), rng);
    figure["ratio: " + a + " / " + b] = {ratio, interval.low, interval.high};
    if (!options_.json)
      std::printf("  %s / %s: %.3f [%.3f, %.3f]\n", a.c_str(), b.c_str(), ratio, interval.low,
                  interval.high);
  }

  Status measure_idle(const ChildProcess& hintd) {
    const auto& where = contestants_.at(2);
    const auto before = hintd.resident_kib();
    std::vector<database::Connection> idle;
    for (int i = 0; i < options_.idle_clients; ++i) {
      HINTD_TRY(auto connection, database::Connection::open(
                                     {"host=" + where.host + " port=" + std::to_string(where.port) +
                                      " user=" + server_.user + " dbname=" + server_.database}));
      idle.push_back(std::move(connection));
    }
    const double mib = static_cast<double>(hintd.resident_kib() - before) / 1024;
    figures_.push_back(
        {{"workload", "idle connections"}, {"clients", options_.idle_clients}, {"mib", mib}});
    if (!options_.json) std::printf("%d idle connections: %.1f MiB\n", options_.idle_clients, mib);
    return {};
  }

  Status measure_bulk(const ChildProcess& hintd) {
    const auto& where = contestants_.at(2);
    HINTD_TRY(const auto figures, bench_bulk({{server_.host, server_.port},
                                              {where.host, where.port},
                                              server_.user,
                                              server_.database,
                                              programs_,
                                              folder_ / "bulk",
                                              hintd,
                                              progress_}));
    for (const auto& figure : figures) {
      if (!options_.json) std::printf("%s\n", figure.text().c_str());
      figures_.push_back({{"workload", figure.what},
                          {"whole", figure.whole},
                          {"direct_s", figure.direct_s},
                          {"proxied_s", figure.proxied_s},
                          {"grown_kib", figure.grown_kib},
                          {"grown_files", figure.grown_files}});
    }
    return {};
  }

  const BenchProxyOptions& options_;
  Progress progress_;
  std::string dsn_;
  database::ServerEndpoint server_;
  std::filesystem::path programs_;
  std::filesystem::path folder_;
  std::vector<Contestant> contestants_;
  nlohmann::json figures_ = nlohmann::json::array();
};

}  // namespace

int bench_proxy(const BenchProxyOptions& options) {
  const auto status = ProxyBench(options).run();
  return status ? kExitDone : fail_with(status.error());
}

}  // namespace hintd::app
