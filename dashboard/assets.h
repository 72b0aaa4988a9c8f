// The page's files, built from dashboard/web into the program, compressed.
#pragma once

#include <span>
#include <string_view>

namespace hintd::dashboard {

struct Asset {
  std::string_view path;  // "/index.html"
  std::string_view type;
  std::string_view gzip;
};

// Empty where the program was built without the page.
std::span<const Asset> assets();

}  // namespace hintd::dashboard
