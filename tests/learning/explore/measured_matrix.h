// Where the published latency matrices are, which are not shipped.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace hintd::learning::test {

// May not be there: then the test is to be skipped with kNoMatrix.
inline std::filesystem::path measured_matrix(const std::string& file) {
  const char* folder = std::getenv("HINTD_MATRICES");
  return (folder != nullptr ? std::filesystem::path(folder)
                            : std::filesystem::path(HINTD_SOURCE_DIR) / "../shared/data/matrices") /
         file;
}

inline constexpr auto kNoMatrix = " is not there: set HINTD_MATRICES to the matrices' folder";

}  // namespace hintd::learning::test
