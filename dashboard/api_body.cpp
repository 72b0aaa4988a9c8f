#include "dashboard/api_body.h"

#include <nlohmann/json.hpp>

namespace hintd::dashboard {
namespace {

constexpr std::size_t kLongestWhy = 500;

}  // namespace

Result<Json> body_of(const HttpRequest& request) {
  if (!request.header("content-type").starts_with("application/json"))
    return fail(ErrorKind::kInvalidInput, "the body is not application/json",
                "send JSON with Content-Type: application/json");
  auto json = Json::parse(request.body, nullptr, false);
  if (json.is_discarded() || !json.is_object())
    return fail(ErrorKind::kInvalidInput, "the body is not a JSON object",
                "see /api/v1/openapi.json");
  return json;
}

Result<std::string> text_in(const Json& json, const char* key, std::size_t longest) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
    return fail(ErrorKind::kInvalidInput, std::string(key) + " is missing",
                "give it as a string that is not empty");
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() > longest)
    return fail(ErrorKind::kInvalidInput,
                std::string(key) + " is longer than " + std::to_string(longest) + " bytes",
                "shorten it");
  return text;
}

Result<ChangeNote> note_in(const Json& json, const HttpRequest& request) {
  HINTD_TRY(auto why, text_in(json, "why", kLongestWhy));
  return ChangeNote{"api from " + request.peer, std::move(why)};
}

Error looked_at_only() {
  return {ErrorKind::kConflict, "no hintd runs here: this is telemetry that is only looked at",
          "change the hintd that serves"};
}

}  // namespace hintd::dashboard
