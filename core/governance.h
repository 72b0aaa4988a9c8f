// Which statements may be hinted and run again: read from config/governance.yaml, so that a DBA can
// read and change it. A statement passes when it is one read-only SELECT, every function that it
// names is on the list, and it reads no relation that shows the session itself (pg_settings would
// show the hint). What a view does inside is not seen: a view over a listed name is trusted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/query_template.h"

namespace hintd {

enum class Eligibility : std::uint8_t {
  kEligible,
  kNotOneSelect,     // not one SELECT, or one that writes or locks
  kFunctionUnknown,  // names a function that is not on the list
  kSystemRelation,   // reads a relation of PostgreSQL's own
};

// snake_case.
std::string_view to_string(Eligibility eligibility);

// Immutable and thread-safe.
class Governance {
 public:
  // Lets no function through.
  Governance() = default;
  // Names as the parser folds them. A name without schema stands for pg_catalog's too; any other
  // schema is part of the name.
  explicit Governance(const std::vector<std::string>& functions);

  Eligibility check(const QueryTemplate& query_template) const;

 private:
  bool knows(std::string_view function) const;

  std::unordered_set<std::string> functions_;
};

}  // namespace hintd
