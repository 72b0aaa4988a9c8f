// Statements of the traffic, with their text, in memory alone: what a candidate is tried on. Of
// each template an even sample (reservoir sampling; Vitter, 1985). Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/query_template.h"
#include "core/rng.h"

namespace hintd::learning {

struct SampledStatement {
  std::string sql;
  ParsedQuery parsed;
  double default_ms = 0;  // as it was last seen under the default; 0: never
};

class StatementSample {
 public:
  // 1 or more statements a template; templates beyond the first 10,000 are not kept.
  StatementSample(int per_template, Rng rng) : per_template_(per_template), rng_(rng) {}

  // A user's statement; `default_ms` 0 where it did not run under the default. Only
  // kReadOnlySelect is kept.
  void offer(std::string_view sql, const ParsedQuery& parsed, double default_ms);

  struct Template {
    std::int64_t seen = 0;
    std::vector<SampledStatement> statements;
  };
  const std::map<std::uint64_t, Template>& templates() const { return templates_; }

 private:
  int per_template_;
  Rng rng_;
  std::map<std::uint64_t, Template> templates_;
};

}  // namespace hintd::learning
