#include "learning/agent/network_arithmetic.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

namespace hintd::learning {
namespace {

Result<MakeArithmetic*> load() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  const auto beside = program / "hintd_torch.so";
  const auto installed = program.parent_path() / "lib" / "hintd" / "hintd_torch.so";
  const auto& file = std::filesystem::exists(beside, error) ? beside : installed;
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const make = library == nullptr ? nullptr : dlsym(library, kMakeArithmetic);
  if (make != nullptr) return reinterpret_cast<MakeArithmetic*>(make);
  return fail(ErrorKind::kUnavailable, std::string("LibTorch cannot be loaded: ") + dlerror(),
              "install hintd anew, or put hintd_torch.so beside the program");
}

}  // namespace

Result<MakeArithmetic*> load_arithmetic() {
  static const auto loaded = load();
  return loaded;
}

}  // namespace hintd::learning
