#include "app/tune_runs.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/tune_lock.h"
#include "app/workload_source.h"
#include "core/durable_file.h"
#include "core/query_template.h"
#include "core/sql_script.h"
#include "database/postgres/server_address.h"
#include "telemetry/format.h"

namespace hintd::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr Seconds kLeastBudget{1};
constexpr Seconds kMostBudget{24 * 3600};

json json_in(const fs::path& file) {
  const auto text = read_file(file);
  return text ? json::parse(*text, nullptr, false) : json();
}

// Of the child's output, what it said last.
std::string last_line(const fs::path& file) {
  std::ifstream in(file);
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) last = std::move(line);
  return last;
}

Result<std::int64_t> count_statements(std::string_view workload) {
  if (workload == kStatementStatistics) return 0;
  HINTD_TRY(const auto script, split_script(workload));
  const auto selects = std::ranges::count_if(script, [](const ScriptStatement& statement) {
    const auto parsed = parse_query(statement.sql);
    return parsed && parsed->query_template->kind == StatementKind::kReadOnlySelect;
  });
  if (selects > 0) return selects;
  return fail(ErrorKind::kInvalidInput, "the workload holds no read-only SELECT",
              "give statements with ';' between them, or the word pg_stat_statements");
}

// What came of it, in a sentence.
std::string outcome_text(const json& report) {
  return std::to_string(report.value("confirmed", 0)) + " of " +
         std::to_string(report.value("statements", 0)) +
         " statements run faster: " + telemetry::duration_text(report.value("default_ms", 0.0)) +
         " -> " + telemetry::duration_text(report.value("tuned_ms", 0.0));
}

Result<std::string> file_of(const fs::path& file, std::uint32_t id) {
  auto text = read_file(file);
  if (text) return text;
  return fail(ErrorKind::kNotFound,
              "tuning run " + std::to_string(id) + " has no " + file.filename().string(),
              "look at /api/v1/tunes for what there is and how far it is");
}

}  // namespace

TuneRuns::~TuneRuns() {
  if (!child_) return;
  child_->ask_to_end();
  for (int i = 0; i < 50 && !child_->has_ended(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

fs::path TuneRuns::folder_of(std::uint32_t id) const {
  return options_.folder / std::to_string(id);
}

std::vector<std::uint32_t> TuneRuns::ids() const {
  std::vector<std::uint32_t> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(options_.folder, none)) {
    const auto name = entry.path().filename().string();
    std::uint32_t id = 0;
    const auto end = name.data() + name.size();
    if (std::from_chars(name.data(), end, id).ptr == end) found.push_back(id);
  }
  std::ranges::sort(found);
  return found;
}

bool TuneRuns::runs(std::uint32_t id) {
  if (child_ && child_->has_ended()) child_.reset();
  // A hintd that was killed leaves its tuner behind.
  return (child_ && child_id_ == id) || is_tuned_into(folder_of(id));
}

Result<std::uint32_t> TuneRuns::start(std::string_view workload, Seconds budget,
                                      const ChangeNote& note, TimePoint now) {
  if (budget < kLeastBudget || budget > kMostBudget)
    return fail(ErrorKind::kInvalidInput, "budget_s does not fit",
                "give a number of seconds from 1 to 86400");
  HINTD_TRY(const auto statements, count_statements(workload));
  const std::lock_guard lock(mutex_);
  const auto known = ids();
  for (const auto id : known)
    if (runs(id))
      return fail(ErrorKind::kConflict,
                  "tuning run " + std::to_string(id) +
                      " goes on, and two would disturb each other's measurements",
                  "wait until it ends, or stop it");
  const std::uint32_t id = known.empty() ? 1 : known.back() + 1;
  HINTD_TRY_STATUS(write_request(id, workload, statements, budget, note, now));
  HINTD_TRY_STATUS(launch(id, budget));
  forget_oldest();
  return id;
}

Status TuneRuns::write_request(std::uint32_t id, std::string_view workload, std::int64_t statements,
                               Seconds budget, const ChangeNote& note, TimePoint now) const {
  const auto folder = folder_of(id);
  std::error_code error;
  fs::create_directories(folder, error);
  // Its statements hold literals.
  if (!error) fs::permissions(options_.folder, fs::perms::owner_all, error);
  if (error)
    return fail(ErrorKind::kUnavailable,
                "cannot make the folder " + folder.string() + ": " + error.message(),
                "give hintd a folder that it may write to");
  if (statements > 0) {
    HINTD_TRY_STATUS(replace_file(folder / "workload.sql", workload));
  }
  const json request = {{"time_us", micros(now)},
                        {"budget_s", budget.count()},
                        {"statements", statements},
                        {"actor", note.actor},
                        {"why", note.why}};
  return replace_file(folder / "request.json",
                      request.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

Status TuneRuns::launch(std::uint32_t id, Seconds budget) {
  const auto folder = folder_of(id);
  HINTD_TRY(const auto open, database::without_password(options_.dsn));
  const auto script = folder / "workload.sql";
  std::vector<std::string> command = {
      options_.program, "tune",
      "--dsn",          open.dsn,
      "--workload",     fs::exists(script) ? script.string() : kStatementStatistics,
      "--budget",       std::to_string(static_cast<std::int64_t>(budget.count())) + "s",
      "--out",          folder};
  if (options_.config_file) command.insert(command.end(), {"--config", *options_.config_file});
  std::vector<std::string> variables;
  if (!open.password.empty()) variables.push_back("PGPASSWORD=" + open.password);
  child_.reset();
  HINTD_TRY(auto child, ChildProcess::start(command, folder / "output.log", variables));
  child_.emplace(std::move(child));
  child_id_ = id;
  return {};
}

void TuneRuns::forget_oldest() const {
  auto known = ids();
  std::error_code none;
  for (std::size_t i = 0; i + kKept < known.size(); ++i) fs::remove_all(folder_of(known[i]), none);
}

Status TuneRuns::stop(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  if (!fs::exists(folder_of(id)))
    return fail(ErrorKind::kNotFound, "there is no tuning run " + std::to_string(id),
                "look at /api/v1/tunes");
  if (!runs(id) || !child_)
    return fail(ErrorKind::kConflict,
                "tuning run " + std::to_string(id) + " is not run by this hintd",
                "look at /api/v1/tunes");
  child_->ask_to_end();
  return {};
}

TuneRun TuneRuns::read(std::uint32_t id) {
  const auto folder = folder_of(id);
  const auto request = json_in(folder / "request.json");
  TuneRun run;
  run.id = id;
  if (request.is_object()) {
    run.started = time_point(request.value("time_us", std::int64_t{0}));
    run.budget = Seconds(request.value("budget_s", 0.0));
    run.statements = request.value("statements", std::int64_t{0});
    run.note = {request.value("actor", ""), request.value("why", "")};
  }
  if (runs(id)) {
    run.state = "running";
    run.detail = last_line(folder / "output.log");
    return run;
  }
  const auto report = json_in(folder / "report.json");
  if (!report.is_object()) {
    run.detail = last_line(folder / "output.log");
    run.state = run.detail.starts_with("hintd: ") ? "failed" : "interrupted";
    return run;
  }
  const auto outcome = report.value("outcome", "");
  run.state = outcome.substr(0, outcome.find(':'));
  run.detail = run.state == "failed" ? outcome : outcome_text(report);
  return run;
}

std::vector<TuneRun> TuneRuns::list() {
  const std::lock_guard lock(mutex_);
  std::vector<TuneRun> all;
  for (const auto id : ids()) all.push_back(read(id));
  std::ranges::reverse(all);
  return all;
}

Result<std::string> TuneRuns::report(std::uint32_t id) const {
  return file_of(folder_of(id) / "report.json", id);
}

Result<std::string> TuneRuns::policy(std::uint32_t id) const {
  return file_of(folder_of(id) / "policy.json", id);
}

}  // namespace hintd::app
