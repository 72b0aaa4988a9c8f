#include "json_schema.h"

#include <nlohmann/json.hpp>

namespace hintd::test {
namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == "boolean" && value.is_boolean();
}

}  // namespace

std::string misfit(const json& document, const json& schema, const json& value,
                   const std::string& place) {
  if (schema.contains("$ref"))
    return misfit(document,
                  document.at(json::json_pointer(schema.at("$ref").get<std::string>().substr(1))),
                  value, place);
  for (const auto& part : schema.value("allOf", json::array()))
    if (auto wrong = misfit(document, part, value, place); !wrong.empty()) return wrong;
  if (value.is_null() && schema.value("nullable", false)) return {};
  if (schema.contains("type") && !has_type(value, schema.at("type")))
    return place + " is no " + schema.at("type").get<std::string>() + ": " + value.dump();
  if (schema.contains("enum")) {
    bool known = false;
    for (const auto& each : schema.at("enum")) known = known || each == value;
    if (!known) return place + " may not be " + value.dump();
  }
  for (const auto& name : schema.value("required", json::array()))
    if (!value.contains(name.get<std::string>())) return place + " lacks " + name.dump();
  const auto properties = schema.value("properties", json::object());
  for (const auto& [name, part] : properties.items())
    if (value.contains(name))
      if (auto wrong = misfit(document, part, value.at(name), place + "." + name); !wrong.empty())
        return wrong;
  if (schema.contains("items"))
    for (const auto& item : value)
      if (auto wrong = misfit(document, schema.at("items"), item, place + "[]"); !wrong.empty())
        return wrong;
  return {};
}

}  // namespace hintd::test
