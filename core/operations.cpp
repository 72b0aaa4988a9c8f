#include "core/operations.h"

namespace hintd {

std::string_view to_string(TemplateOrder order) {
  switch (order) {
    case TemplateOrder::kNone:
      return "none";
    case TemplateOrder::kPinned:
      return "pinned";
    case TemplateOrder::kBanned:
      return "banned";
    case TemplateOrder::kRolledBack:
      return "rolled_back";
  }
  return "none";
}

}  // namespace hintd
