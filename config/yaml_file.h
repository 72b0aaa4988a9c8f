// Reading YAML with errors that name file and line.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"

namespace YAML {
class Node;
}

namespace hintd::config {

// kNotFound when the file cannot be read, kInvalidInput with the line when it is not YAML.
Result<YAML::Node> load_yaml(const std::filesystem::path& file);

// "file:line", as far as the node knows.
std::string place_of(const std::filesystem::path& file, const YAML::Node& node);

}  // namespace hintd::config
