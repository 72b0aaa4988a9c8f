#include "dashboard/api_tunes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/log.h"
#include "dashboard/api_body.h"
#include "dashboard/api_parameters.h"
#include "telemetry/redact.h"

namespace hintd::dashboard {
namespace {

constexpr std::size_t kLongestWorkload = 900 * 1024;

std::string shown(const ApiParts& parts, const std::string& text) {
  return parts.show_literals ? text : telemetry::without_literals(text);
}

Json tune_json(const ApiParts& parts, const TuneRun& run) {
  return {{"id", run.id},
          {"state", run.state},
          {"started", time_json(run.started)},
          {"budget_s", figure(run.budget.count())},
          {"statements", run.statements},
          {"actor", run.note.actor},
          {"why", run.note.why},
          {"detail", shown(parts, run.detail)}};
}

Result<std::uint32_t> id_of(const HttpRequest& request) {
  HINTD_TRY(const auto id, number_from("id", request.parts.at("id"), 0, 4'000'000'000));
  return static_cast<std::uint32_t>(id);
}

Result<TuneRun> tune_of(const ApiParts& parts, const HttpRequest& request) {
  HINTD_TRY(const auto id, id_of(request));
  const auto all = parts.operations->tunes();
  const auto found = std::ranges::find(all, id, &TuneRun::id);
  if (found != all.end()) return *found;
  return fail(ErrorKind::kNotFound, "there is no tuning run " + std::to_string(id),
              "look at /api/v1/tunes");
}

// Reasons quote what the server said of a statement.
Result<std::string> report_of(const ApiParts& parts, const HttpRequest& request) {
  HINTD_TRY(const auto id, id_of(request));
  HINTD_TRY(const auto text, parts.operations->tune_report(id));
  auto report = Json::parse(text, nullptr, false);
  for (const auto* list : {"per_statement", "skipped"})
    if (report.contains(list))
      for (auto& line : report[list])
        line["reason"] = shown(parts, line.value("reason", std::string()));
  return text_of(report);
}

Result<Json> started(const ApiParts& parts, const HttpRequest& request) {
  HINTD_TRY(const auto body, body_of(request));
  HINTD_TRY(const auto workload, text_in(body, "workload", kLongestWorkload));
  HINTD_TRY(const auto note, note_in(body, request));
  const auto budget = body.find("budget_s");
  if (budget == body.end() || !budget->is_number())
    return fail(ErrorKind::kInvalidInput, "budget_s is missing", "give a number of seconds");
  HINTD_TRY(const auto id,
            parts.operations->start_tune(workload, Seconds(budget->get<double>()), note));
  log_info("tune_started_by_api", {{"id", std::to_string(id)}, {"peer", request.peer}});
  for (const auto& run : parts.operations->tunes())
    if (run.id == id) return tune_json(parts, run);
  return fail(ErrorKind::kNotFound, "the tuning run has gone", "look at /api/v1/tunes");
}

Status stopped(const ApiParts& parts, const HttpRequest& request) {
  HINTD_TRY(const auto id, id_of(request));
  HINTD_TRY(const auto body, body_of(request));
  HINTD_TRY(const auto note, note_in(body, request));
  return parts.operations->stop_tune(id, note);
}

HttpResponse answer_of(const Result<std::string>& text) {
  return text ? answer(*text) : problem_of(text.error());
}

}  // namespace

HttpResponse get_tunes(const ApiParts& parts, const HttpRequest&) {
  auto items = Json::array();
  if (parts.operations != nullptr)
    for (const auto& run : parts.operations->tunes()) items.push_back(tune_json(parts, run));
  return answer(text_of({{"items", items}}));
}

HttpResponse get_tune(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  const auto run = tune_of(parts, request);
  return run ? answer(text_of(tune_json(parts, *run))) : problem_of(run.error());
}

HttpResponse get_tune_report(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  return answer_of(report_of(parts, request));
}

HttpResponse get_tune_policy(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  const auto id = id_of(request);
  return id ? answer_of(parts.operations->tune_policy(*id)) : problem_of(id.error());
}

HttpResponse post_tune(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  const auto run = started(parts, request);
  return run ? answer(text_of(*run)) : problem_of(run.error());
}

HttpResponse post_tune_stop(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  const auto done = stopped(parts, request);
  return done ? answer("{\"done\":true}\n") : problem_of(done.error());
}

}  // namespace hintd::dashboard
