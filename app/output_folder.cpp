#include "app/output_folder.h"

namespace hintd::app {

Status make_output_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return fail(ErrorKind::kUnavailable,
              "cannot make the folder " + folder.string() + ": " + error.message(),
              "choose another one with --out");
}

}  // namespace hintd::app
