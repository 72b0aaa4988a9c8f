#include "config/governance_file.h"

#include <yaml-cpp/yaml.h>

#include "config/yaml_file.h"

namespace hintd::config {

Result<Governance> load_governance(const std::filesystem::path& file) {
  constexpr const char* kRemedy = "write e.g. functions: [count, sum]";
  HINTD_TRY(const auto root, load_yaml(file));
  if (!root.IsMap() || root.size() != 1 || !root["functions"].IsSequence())
    return fail(ErrorKind::kInvalidInput, file.string() + ": one list named 'functions' is wanted",
                kRemedy);
  std::vector<std::string> functions;
  for (const auto& item : root["functions"]) {
    if (!item.IsScalar() || item.Scalar().empty())
      return fail(ErrorKind::kInvalidInput, place_of(file, item) + ": this is no function's name",
                  kRemedy);
    functions.push_back(item.Scalar());
  }
  return Governance(functions);
}

}  // namespace hintd::config
