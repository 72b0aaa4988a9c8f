// A tuned policy as SQL, for those who run without hintd.
#pragma once

#include <string>

#include "telemetry/tune_report.h"

namespace hintd::telemetry {

// Rows for pg_hint_plan's hint table (hint_plan.hints). Its rows hold for every literal, so what
// was proved for some literals alone is there as a comment.
std::string hint_table_sql(const TunedPolicy& policy);

// Each confirmed statement in a transaction of its own, the settings before it.
std::string set_local_snippets(const TuneReport& report);

}  // namespace hintd::telemetry
