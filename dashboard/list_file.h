// A whole list as a file for the user to keep: fetched a page at a time while the client takes it.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "dashboard/http.h"
#include "dashboard/json_text.h"

namespace hintd::dashboard {

struct ListFile {
  std::string name;  // without its ending
  bool csv = false;  // else JSON: an array
  // The objects that come before the one whose `key` is given, at most kListFilePage, newest first.
  std::function<Result<Json>(std::int64_t before)> page;
  const char* key = "id";
};

inline constexpr std::int64_t kListFilePage = 500;

HttpResponse list_file(ListFile file);

}  // namespace hintd::dashboard
