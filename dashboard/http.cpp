#include "dashboard/http.h"

#include <nlohmann/json.hpp>

namespace hintd::dashboard {
namespace {

const std::string kNone;

const std::string& found_in(const std::map<std::string, std::string>& values,
                            const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? kNone : found->second;
}

}  // namespace

const std::string& HttpRequest::header(const std::string& name) const {
  return found_in(headers, name);
}

const std::string& HttpRequest::parameter(const std::string& name) const {
  return found_in(query, name);
}

HttpResponse answer(std::string body, std::string type) {
  HttpResponse response;
  response.type = std::move(type);
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

HttpResponse problem(int status, std::string_view title, std::string_view detail) {
  const nlohmann::ordered_json json = {
      {"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
  auto response =
      answer(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n",
             "application/problem+json");
  response.status = status;
  return response;
}

}  // namespace hintd::dashboard
