#include "proxy/counters.h"

namespace hintd::proxy {

std::string_view to_string(PassReason reason) {
  static constexpr std::array<std::string_view, kPassReasonCount> kNames = {
      "hinted",         "observing",     "off",        "switched_off",
      "filtered",       "bypassed",      "encoding",   "unknown_text",
      "not_eligible",   "default",       "needs_plan", "guarded",
      "in_transaction", "pipelined",     "hedged",     "sent_again",
      "no_parameters",  "internal_error"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace hintd::proxy
