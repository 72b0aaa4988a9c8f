#include <nlohmann/json.hpp>

#include "dashboard/api.h"
#include "dashboard/json_text.h"
#include "dashboard/openapi_schemas.h"

namespace hintd::dashboard {
namespace {

Json content_of(const std::string& type, const Json& schema) {
  return {{"content", {{type, {{"schema", schema}}}}}};
}

Json schema_of(const char* name) {
  return {{"$ref", std::string("#/components/schemas/") + name}};
}

Json parameters_of(const ApiRoute& route) {
  auto list = Json::array();
  const std::string path = route.path;
  for (auto open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1))
    list.push_back({{"name", path.substr(open + 1, path.find('}', open) - open - 1)},
                    {"in", "path"},
                    {"required", true},
                    {"schema", {{"type", "string"}}}});
  for (const auto& parameter : route.parameters)
    list.push_back({{"name", parameter.name},
                    {"in", "query"},
                    {"description", parameter.about},
                    {"schema", {{"type", "string"}}}});
  return list;
}

Json operation_of(const ApiRoute& route) {
  const std::string_view answers = route.answers;
  auto fine = answers.empty() ? content_of("text/event-stream", {{"type", "string"}})
                              : content_of("application/json", schema_of(route.answers));
  fine["description"] = "as asked for";
  auto refused = content_of("application/problem+json", schema_of("Problem"));
  refused["description"] = "what is wrong, and what to do";
  Json operation = {{"summary", route.about},
                    {"parameters", parameters_of(route)},
                    {"responses", {{"200", fine}, {"default", refused}}}};
  if (*route.body != '\0') {
    operation["requestBody"] = content_of("application/json", schema_of(route.body));
    operation["requestBody"]["required"] = true;
  }
  if (std::string_view(route.method) != "GET")
    operation["security"] = Json::array({{{"token", Json::array()}}});
  return operation;
}

}  // namespace

std::string openapi_json() {
  auto paths = Json::object();
  for (const auto& route : api_routes()) {
    std::string method = route.method;
    for (auto& c : method) c = static_cast<char>(std::tolower(c));
    paths[route.path][method] = operation_of(route);
  }
  const Json document = {
      {"openapi", "3.0.3"},
      {"info",
       {{"title", "hintd"},
        {"version", "1"},
        {"description",
         "What hintd does to the statements of a PostgreSQL database, and how to change it. Beyond "
         "loopback reading needs the token too."}}},
      {"paths", paths},
      {"components",
       {{"schemas", Json::parse(kOpenApiSchemas)},
        {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
  return text_of(document);
}

}  // namespace hintd::dashboard
