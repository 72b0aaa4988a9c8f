// The list of templates and one template, as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "dashboard/live_store.h"
#include "telemetry/traffic_report.h"

namespace hintd::dashboard {

struct TemplateQuery {
  std::string sort = "total_ms";  // total_ms, saved_ms, ratio, queries, p95_ms, name
  bool ascending = false;
  std::string words;            // in name, class or text; empty: all
  std::string state;            // as state_of(); empty: all
  std::string after;            // cursor: what the page before answered as `next`
  telemetry::Range range = {};  // of statements, time, share and saved time
  std::size_t limit = 50;
};

// kInvalidInput for a sort or cursor that is none.
Result<std::string> templates_json(const LiveView& view, const TemplateQuery& query);

// kNotFound for a template that telemetry does not know.
Result<std::string> template_json(const LiveView& view, std::uint64_t fingerprint);

}  // namespace hintd::dashboard
