#include "dashboard/api_changes.h"

#include <array>
#include <nlohmann/json.hpp>

#include "core/log.h"
#include "dashboard/api_body.h"
#include "dashboard/api_parameters.h"
#include "dashboard/api_reads.h"

namespace hintd::dashboard {
namespace {

constexpr std::size_t kLongestStatement = 256 * 1024;

// Runs the change, and answers when the page's figures show it.
HttpResponse done(const ApiParts& parts, const HttpRequest& request, const Status& changed) {
  if (!changed) return problem_of(changed.error());
  log_info("changed_by_api", {{"path", request.path}, {"peer", request.peer}});
  parts.store.refresh();
  return answer("{\"done\":true}\n");
}

Status order(const ApiParts& parts, const HttpRequest& request) {
  HINTD_TRY(const auto fingerprint, fingerprint_from(request.parts.at("id")));
  HINTD_TRY(const auto body, body_of(request));
  HINTD_TRY(const auto name, text_in(body, "order", 20));
  HINTD_TRY(const auto note, note_in(body, request));
  using enum TemplateOrder;
  for (const auto each : {kNone, kPinned, kBanned, kRolledBack})
    if (name == to_string(each)) return parts.operations->order(fingerprint, each, note);
  return fail(ErrorKind::kInvalidInput, "order: '" + name + "' is none",
              "use pinned, banned, rolled_back or none");
}

Status decide(const ApiParts& parts, const HttpRequest& request) {
  HINTD_TRY(const auto id, number_from("id", request.parts.at("id"), 0, 4'000'000'000));
  HINTD_TRY(const auto body, body_of(request));
  HINTD_TRY(const auto action, text_in(body, "action", 20));
  HINTD_TRY(const auto note, note_in(body, request));
  return parts.operations->decide_policy(action, static_cast<std::uint32_t>(id), note);
}

Status set_mode(const ApiParts& parts, const HttpRequest& request) {
  HINTD_TRY(const auto body, body_of(request));
  HINTD_TRY(const auto name, text_in(body, "mode", 20));
  HINTD_TRY(const auto note, note_in(body, request));
  constexpr std::array<std::pair<const char*, Mode>, 3> kModes = {
      {{"observe", Mode::kObserve}, {"advise", Mode::kAdvise}, {"steer", Mode::kSteer}}};
  for (const auto& [each, mode] : kModes)
    if (name == each) return parts.operations->set_mode(mode, note);
  return fail(ErrorKind::kInvalidInput, "mode: '" + name + "' is none",
              "use observe, advise or steer");
}

Status switch_hints(const ApiParts& parts, const HttpRequest& request) {
  HINTD_TRY(const auto body, body_of(request));
  HINTD_TRY(const auto note, note_in(body, request));
  const auto on = body.find("on");
  if (on == body.end() || !on->is_boolean())
    return fail(ErrorKind::kInvalidInput, "on is missing", "give true or false");
  return parts.operations->switch_hints(on->get<bool>(), note);
}

}  // namespace

HttpResponse put_order(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  return done(parts, request, order(parts, request));
}

HttpResponse post_policy_decision(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  return done(parts, request, decide(parts, request));
}

HttpResponse put_mode(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  return done(parts, request, set_mode(parts, request));
}

HttpResponse put_hints(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  return done(parts, request, switch_hints(parts, request));
}

HttpResponse post_reload(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  const auto reload = [&]() -> Result<ReloadedSettings> {
    HINTD_TRY(const auto body, body_of(request));
    HINTD_TRY(const auto note, note_in(body, request));
    return parts.operations->reload_settings(note);
  };
  const auto reloaded = reload();
  if (!reloaded) return problem_of(reloaded.error());
  parts.store.refresh();
  return answer(
      text_of({{"changed", reloaded->changed}, {"need_restart", reloaded->need_restart}}));
}

HttpResponse post_explain(const ApiParts& parts, const HttpRequest& request) {
  if (parts.operations == nullptr) return problem_of(looked_at_only());
  const auto explain = [&]() -> Result<Explanation> {
    HINTD_TRY(const auto body, body_of(request));
    HINTD_TRY(const auto sql, text_in(body, "sql", kLongestStatement));
    return parts.operations->explain(sql);
  };
  const auto explained = explain();
  if (!explained) return problem_of(explained.error());
  return answer(explanation_json(*explained, parts.show_literals));
}

}  // namespace hintd::dashboard
