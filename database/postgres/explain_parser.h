// Reads what EXPLAIN (FORMAT JSON) answers.
#pragma once

#include <string_view>

#include "core/plan_executor.h"

namespace hintd::database {

// The plan, with actual rows where the text is of EXPLAIN ANALYZE. InitPlans and SubPlans are
// children of the node they hang on. Whatever only a run can tell (memory, workers launched, sort
// method) is left out, so that a plan has one identity before and after it was run.
// kCorrupt when the text is not such an answer.
Result<PlanTree> parse_explain(std::string_view json);

// The same of EXPLAIN (ANALYZE, BUFFERS, SUMMARY), with blocks, and planning plus execution time as
// the latency.
Result<Analysis> parse_analysis(std::string_view json);

}  // namespace hintd::database
