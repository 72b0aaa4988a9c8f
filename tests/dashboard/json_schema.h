// As much of JSON Schema as the OpenAPI document uses.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace hintd::test {

// What is wrong, with its place; empty when the value fits. `document` is what references are into.
std::string misfit(const nlohmann::json& document, const nlohmann::json& schema,
                   const nlohmann::json& value, const std::string& place = "$");

}  // namespace hintd::test
