#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/backup_job.h"
#include "app/instance_lock.h"
#include "app/telemetry_command.h"
#include "telemetry/backup.h"
#include "telemetry/format.h"
#include "telemetry/maintenance.h"

namespace hintd::app {
namespace {

using nlohmann::json;
using telemetry::count_text;

std::string size_text(std::int64_t bytes) {
  return telemetry::fixed(static_cast<double>(bytes) / (1 << 20), 1) + " MiB";
}

// A path as one word of a crontab's line and of a unit's ExecStart alike.
Result<std::string> word_of(const std::filesystem::path& path) {
  const auto text = std::filesystem::absolute(path).lexically_normal().string();
  if (text.find_first_of("%'\"\\$\n") != std::string::npos)
    return fail(ErrorKind::kInvalidInput,
                "'" + text + "': cron and systemd read this path differently",
                "use one without quotes, %, $ and backslashes");
  return text.find_first_of(" \t;&|<>()*?[]#~!`") == std::string::npos ? text : "'" + text + "'";
}

class Action {
 public:
  Action(const CommonOptions& common, const TelemetryCommand& command, config::Settings settings)
      : common_(common),
        command_(command),
        folder_(command.out.empty() ? common.data_dir / "demo" : command.out),
        config_(settings.telemetry) {
    config_.path = folder_ / config_.path.filename();
  }

  Result<int> run() {
    const auto& what = command_.action;
    if (what == "stats") return stats();
    if (what == "check") return check();
    if (what == "cleanup") return clean_up();
    if (what == "vacuum") return vacuum();
    if (what == "backup") return backup();
    if (what == "list") return list();
    if (what == "verify") return verify();
    if (what == "restore") return restore();
    if (what == "prune") return prune();
    return timer();
  }

 private:
  void print(const json& object, const std::string& text) const {
    std::printf("%s\n", common_.json ? object.dump(2).c_str() : text.c_str());
  }

  telemetry::BackupFolder backups() const { return {backup_folder(config_), config_.backup}; }

  Result<int> stats() {
    HINTD_TRY(auto store, telemetry::Maintenance::open(config_));
    HINTD_TRY(const auto stats, store.stats());
    json tables = json::object();
    std::string text = count_text(stats.observations) + " statements in " + size_text(stats.bytes) +
                       ", " + telemetry::percent_text(stats.fragmentation()) + " of it unused, " +
                       size_text(stats.wal_bytes) + " write-ahead log; " +
                       count_text(stats.not_rolled_up) + " statements not summed up yet";
    for (const auto& table : stats.tables) {
      tables[table.name] = table.bytes;
      if (table.bytes >= 1 << 20) text += "\n  " + table.name + "  " + size_text(table.bytes);
    }
    print({{"file", config_.path},
           {"bytes", stats.bytes},
           {"free_bytes", stats.free_bytes},
           {"unused_bytes", stats.unused_bytes},
           {"wal_bytes", stats.wal_bytes},
           {"fragmentation", stats.fragmentation()},
           {"observations", stats.observations},
           {"not_rolled_up", stats.not_rolled_up},
           {"schema_version", stats.schema_version},
           {"tables", tables}},
          text);
    return kExitDone;
  }

  Result<int> check() {
    HINTD_TRY(auto store, telemetry::Maintenance::open(config_));
    HINTD_TRY(const auto problems, store.check());
    std::string text = problems.empty() ? config_.path.string() + " is sound" : "";
    for (const auto& problem : problems) text += (text.empty() ? "" : "\n") + problem;
    print({{"sound", problems.empty()}, {"problems", problems}}, text);
    return problems.empty() ? kExitDone : kExitFailed;
  }

  Result<int> clean_up() {
    HINTD_TRY(auto store, telemetry::Maintenance::open(config_));
    HINTD_TRY(const auto cleaned, store.clean_up(clock_.now(), [] { return true; }));
    print({{"rolled_up", cleaned.rolled_up},
           {"observations", cleaned.observations},
           {"training_steps", cleaned.training_steps},
           {"safety_events", cleaned.safety_events},
           {"rollups", cleaned.rollups}},
          count_text(cleaned.rolled_up) +
              " statements summed up; deleted as too old: " + count_text(cleaned.observations) +
              " statements, " + count_text(cleaned.training_steps) + " training steps, " +
              count_text(cleaned.safety_events) + " safety events, " + count_text(cleaned.rollups) +
              " sums");
    return kExitDone;
  }

  Result<int> vacuum() {
    HINTD_TRY(auto store, telemetry::Maintenance::open(config_));
    HINTD_TRY(const auto freed, store.vacuum(command_.whole));
    if (command_.whole) {
      HINTD_TRY_STATUS(store.reindex());
      HINTD_TRY_STATUS(store.analyze());
    }
    print({{"freed_bytes", freed}}, size_text(freed) + " given back");
    return kExitDone;
  }

  Result<int> backup() {
    HINTD_TRY(const auto made, make_backup(config_, clock_.now()));
    print({{"file", made.file}, {"bytes", made.bytes}},
          made.file.string() + ", " + size_text(made.bytes) + ", verified");
    return kExitDone;
  }

  Result<int> list() {
    json rows = json::array();
    std::string text;
    for (const auto& backup : backups().list()) {
      rows.push_back({{"file", backup.file},
                      {"time", telemetry::iso_time(backup.time)},
                      {"bytes", backup.bytes}});
      text += (text.empty() ? "" : "\n") + telemetry::iso_time(backup.time) + "  " +
              size_text(backup.bytes) + "  " + backup.file.string();
    }
    print(rows, text.empty() ? "no backups" : text);
    return kExitDone;
  }

  // The one that was named, else the newest.
  Result<std::filesystem::path> chosen() const {
    if (!command_.file.empty()) return command_.file;
    const auto all = backups().list();
    if (!all.empty()) return all.back().file;
    return fail(ErrorKind::kNotFound, "there is no backup in " + backup_folder(config_).string(),
                "make one with hintd telemetry backup");
  }

  json content_json(const telemetry::Verified& content) const {
    return {{"bytes", content.bytes},
            {"observations", content.observations},
            {"schema_version", content.schema_version}};
  }

  Result<int> verify() {
    HINTD_TRY(const auto file, chosen());
    HINTD_TRY(const auto content, telemetry::verify_backup(file));
    auto object = content_json(content);
    object["file"] = file;
    print(object, file.string() + " is sound: " + count_text(content.observations) +
                      " statements in " + size_text(content.bytes));
    return kExitDone;
  }

  Result<int> restore() {
    HINTD_TRY(const auto file, chosen());
    HINTD_TRY(const auto lock, InstanceLock::take(folder_));
    HINTD_TRY(const auto restored, telemetry::restore_backup(file, config_.path, clock_.now()));
    auto object = content_json(restored.content);
    object["file"] = file;
    object["safety_copy"] = restored.safety_copy;
    print(object, file.string() + " restored to " + config_.path.string() +
                      (restored.safety_copy.empty()
                           ? std::string()
                           : "; what stood there is " + restored.safety_copy.string()));
    return kExitDone;
  }

  Result<int> prune() {
    HINTD_TRY(const auto deleted, backups().prune());
    json rows = json::array();
    for (const auto& backup : deleted) rows.push_back(backup.file);
    print({{"deleted", rows}}, count_text(std::ssize(deleted)) + " backups deleted");
    return kExitDone;
  }

  // For those whose backups are made by another clock than the daemon's.
  Result<int> timer() {
    HINTD_TRY(const auto folder, word_of(folder_));
    auto command = "/usr/bin/hintd telemetry backup --out " + folder;
    if (common_.config_file) {
      HINTD_TRY(const auto config, word_of(*common_.config_file));
      command += " --config " + config;
    }
    print({{"cron", "17 3 * * * hintd " + command}, {"command", command}},
          "# /etc/cron.d/hintd-backup\n17 3 * * * hintd " + command +
              "\n\n# or /etc/systemd/system/hintd-backup.service\n[Service]\nType=oneshot\n"
              "User=hintd\nExecStart=" +
              command +
              "\n\n# and /etc/systemd/system/hintd-backup.timer\n[Timer]\nOnCalendar=*-*-* "
              "03:17\nPersistent=true\n[Install]\nWantedBy=timers.target");
    return kExitDone;
  }

  const CommonOptions& common_;
  const TelemetryCommand& command_;
  std::filesystem::path folder_;
  telemetry::TelemetryConfig config_;
  SystemClock clock_;
};

}  // namespace

int telemetry_action(const CommonOptions& common, const TelemetryCommand& command) {
  const auto settings = settings_for(common);
  if (!settings) return fail_with(settings.error());
  const auto status = Action(common, command, *settings).run();
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
