#include "app/output_folder.h"

#include <fstream>

namespace hintd::app {

Status make_output_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return fail(ErrorKind::kUnavailable,
              "cannot make the folder " + folder.string() + ": " + error.message(),
              "choose another one with --out");
}

Status write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out) return {};
  return fail(ErrorKind::kExhausted, "cannot write " + path.string(),
              "free space or choose another folder with --out");
}

}  // namespace hintd::app
