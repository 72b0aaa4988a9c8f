#include "proxy/session_state.h"

#include <algorithm>
#include <array>

namespace hintd::proxy {

void ReportedSettings::note(std::string_view name, std::string_view value) {
  // Their second bytes may be a quote or a backslash.
  static constexpr std::array<std::string_view, 7> kUnsafe = {
      "SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "SHIFT_JIS_2004"};
  if (name == "standard_conforming_strings") standard_strings = value == "on";
  if (name == "client_encoding")
    safe_encoding = std::find(kUnsafe.begin(), kUnsafe.end(), value) == kUnsafe.end();
  if (name == "application_name") application = value;
}

}  // namespace hintd::proxy
