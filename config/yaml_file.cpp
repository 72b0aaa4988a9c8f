#include "config/yaml_file.h"

#include <yaml-cpp/yaml.h>

namespace hintd::config {

Result<YAML::Node> load_yaml(const std::filesystem::path& file) {
  std::error_code ignored;
  try {
    // yaml-cpp would leak its buffer over a folder.
    if (!std::filesystem::is_directory(file, ignored)) return YAML::LoadFile(file.string());
  } catch (const YAML::ParserException& e) {
    return fail(ErrorKind::kInvalidInput,
                file.string() + ":" + std::to_string(e.mark.line + 1) + ": not YAML: " + e.msg,
                "correct the line");
  } catch (const std::exception&) {  // said below
  }
  return fail(ErrorKind::kNotFound, file.string() + " cannot be read",
              "name a YAML file that exists");
}

std::string place_of(const std::filesystem::path& file, const YAML::Node& node) {
  const auto line = node.Mark().line;
  return line < 0 ? file.string() : file.string() + ":" + std::to_string(line + 1);
}

}  // namespace hintd::config
