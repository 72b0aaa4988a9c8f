#pragma once

namespace hintd::dashboard {

// The schemas that the routes name, JSON. A test holds every answer against them.
inline constexpr const char* kOpenApiSchemas = R"json({
"Problem": {"type": "object", "required": ["type", "title", "status", "detail"], "properties": {
  "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
  "detail": {"type": "string"}}},
"Done": {"type": "object", "required": ["done"], "properties": {"done": {"type": "boolean"}}},
"Latency": {"type": "object", "required": ["count", "p50", "p95", "p99"],
  "description": "milliseconds, each within 1 %", "properties": {
  "count": {"type": "integer"}, "p50": {"type": "number", "nullable": true},
  "p95": {"type": "number", "nullable": true}, "p99": {"type": "number", "nullable": true}}},
"Saved": {"type": "object", "required": ["ms", "half_width_ms", "share", "compared", "left_out"],
  "description": "runs under hints against default runs of the same statement; 95 % interval", "properties": {
  "ms": {"type": "number"}, "half_width_ms": {"type": "number"},
  "share": {"type": "number", "nullable": true}, "compared": {"type": "integer"},
  "left_out": {"type": "integer"}}},
"Event": {"type": "object", "required": ["id", "time", "name", "template", "detail"], "properties": {
  "id": {"type": "integer"}, "time": {"type": "string", "nullable": true}, "name": {"type": "string"},
  "template": {"type": "string", "nullable": true}, "template_name": {"type": "string"},
  "detail": {"type": "string"}}},
"EventPage": {"type": "object", "required": ["items", "next"], "properties": {
  "items": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
  "next": {"type": "string", "nullable": true}}},
"AuditPage": {"type": "object", "required": ["items", "next"], "properties": {
  "items": {"type": "array", "items": {"type": "object",
    "required": ["line", "time", "actor", "action", "subject", "detail"]}},
  "next": {"type": "string", "nullable": true}}},
"Status": {"type": "object", "nullable": true, "required": ["mode", "hints_on", "policy_version"], "properties": {
  "mode": {"type": "string", "enum": ["observe", "advise", "steer"]}, "hints_on": {"type": "boolean"},
  "policy_version": {"type": "integer"}, "policy_templates": {"type": "integer"},
  "policy_steered": {"type": "integer"}, "open_breakers": {"type": "integer"},
  "explorer_share": {"type": "number", "description": "of the time; 0: not bounded so"},
  "explorer_budget_s": {"type": "number"}}},
"Summary": {"type": "object", "required": ["run", "history_read", "status", "saved", "queries", "hinted",
  "failures", "latency_ms", "explorer", "templates", "safety", "phases", "telemetry"], "properties": {
  "run": {"type": "object", "required": ["id", "command", "started", "now"]},
  "history_read": {"type": "number", "description": "part of the telemetry that is in these figures"},
  "status": {"$ref": "#/components/schemas/Status"},
  "saved": {"type": "object", "required": ["all", "day"], "properties": {
    "all": {"$ref": "#/components/schemas/Saved"}, "day": {"$ref": "#/components/schemas/Saved"}}},
  "queries": {"type": "integer"}, "hinted": {"type": "integer"}, "failures": {"type": "integer"},
  "latency_ms": {"type": "object", "properties": {
    "default": {"$ref": "#/components/schemas/Latency"}, "hinted": {"$ref": "#/components/schemas/Latency"}}},
  "explorer": {"type": "object", "required": ["runs", "seconds"]},
  "templates": {"type": "object", "required": ["count", "verified", "banned"]},
  "safety": {"type": "object", "required": ["events", "taken_back", "by_name", "last"]},
  "phases": {"type": "array", "items": {"type": "object", "required": ["name", "state"]}},
  "telemetry": {"type": "object", "required": ["events", "dropped", "failed_batches"]}}},
"Traffic": {"type": "object", "required": ["from", "to", "queries", "hinted", "failures", "timed_out", "total_ms",
  "latency_ms", "saved", "explorer"], "properties": {
  "from": {"type": "string", "description": "of the first whole bucket"}, "to": {"type": "string"},
  "queries": {"type": "integer"}, "hinted": {"type": "integer"}, "failures": {"type": "integer"},
  "timed_out": {"type": "integer"}, "total_ms": {"type": "number"},
  "latency_ms": {"type": "object", "required": ["default", "hinted"]},
  "saved": {"$ref": "#/components/schemas/Saved"},
  "explorer": {"type": "object", "required": ["runs", "seconds"]}}},
"Series": {"type": "object", "required": ["bucket_s", "columns", "marks"], "properties": {
  "bucket_s": {"type": "number"},
  "columns": {"type": "object", "required": ["t", "default_p50", "hinted_p50", "saved_sum_ms"]},
  "marks": {"type": "array", "items": {"type": "object", "required": ["t", "kind", "name"]}}}},
"SafetySeries": {"type": "object", "required": ["columns", "marks"], "properties": {
  "columns": {"type": "object", "required": ["t", "events", "taken_back"]},
  "marks": {"type": "array", "items": {"type": "object", "required": ["t", "kind", "name"]}}}},
"TemplateLine": {"type": "object", "required": ["id", "name", "title", "state", "hint", "queries", "total_ms",
  "share", "ratio", "default", "hinted_latency", "spark"], "properties": {
  "id": {"type": "string"}, "name": {"type": "string"}, "title": {"type": "string"},
  "state": {"type": "string", "enum": ["observed", "exploring", "verified", "pinned", "banned", "rolled_back"]},
  "hint": {"type": "string", "nullable": true}, "queries": {"type": "integer"},
  "total_ms": {"type": "number"}, "share": {"type": "number", "nullable": true},
  "ratio": {"type": "object", "nullable": true, "required": ["value", "low", "high"],
    "description": "latency under hints over the default's, geometric mean, with its 95 % interval"},
  "default": {"$ref": "#/components/schemas/Latency"},
  "hinted_latency": {"$ref": "#/components/schemas/Latency"}, "spark": {"type": "array"}}},
"TemplatePage": {"type": "object", "required": ["count", "items", "next"], "properties": {
  "count": {"type": "integer"},
  "items": {"type": "array", "items": {"$ref": "#/components/schemas/TemplateLine"}},
  "next": {"type": "string", "nullable": true}}},
"Template": {"allOf": [{"$ref": "#/components/schemas/TemplateLine"}, {"type": "object",
  "required": ["sql", "over_time", "distribution", "arms", "decisions", "events"], "properties": {
  "sql": {"type": "string"}, "arms": {"type": "array"}, "decisions": {"type": "array"},
  "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}}}]},
"PlanNode": {"type": "object", "required": ["type", "rows", "actual_rows", "cost", "children"], "properties": {
  "type": {"type": "string"}, "rows": {"type": "number"}, "cost": {"type": "number"},
  "actual_rows": {"type": "number", "nullable": true},
  "children": {"type": "array", "items": {"$ref": "#/components/schemas/PlanNode"}}}},
"Explanation": {"type": "object", "required": ["template", "normalized", "arm", "reason", "policy_version",
  "set_sql", "default_plan", "arm_plan"], "properties": {
  "template": {"type": "string"}, "normalized": {"type": "string"}, "arm": {"type": "string"},
  "reason": {"type": "string"}, "policy_version": {"type": "integer"}, "patience_ms": {"type": "number"},
  "set_sql": {"type": "string"}, "default_plan": {"$ref": "#/components/schemas/PlanNode"},
  "arm_plan": {"$ref": "#/components/schemas/PlanNode"}}},
"Learning": {"type": "object", "required": ["level0", "published", "level1", "level2"], "properties": {
  "level0": {"type": "object", "required": ["columns", "replay_size"]},
  "published": {"type": "array"}, "level1": {"type": "object", "required": ["policies"]}}},
"Policy": {"type": "object"},
"Anchors": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}},
"Workload": {"type": "object", "required": ["workload", "budget_s", "why"], "properties": {
  "workload": {"type": "string", "description": "SQL statements with ';' between them, or pg_stat_statements"},
  "budget_s": {"type": "number", "description": "1 to 86400"}, "why": {"type": "string"}}},
"TuneRun": {"type": "object", "required": ["id", "state", "started", "budget_s", "statements", "actor", "why",
  "detail"], "properties": {
  "id": {"type": "integer"}, "started": {"type": "string", "nullable": true},
  "state": {"type": "string", "enum": ["running", "completed", "interrupted", "failed"]},
  "budget_s": {"type": "number"}, "statements": {"type": "integer", "description": "0: those of the server's statistics"},
  "actor": {"type": "string"}, "why": {"type": "string"}, "detail": {"type": "string"}}},
"TuneRuns": {"type": "object", "required": ["items"], "properties": {
  "items": {"type": "array", "items": {"$ref": "#/components/schemas/TuneRun"}}}},
"TuneReport": {"type": "object", "required": ["outcome", "statements", "confirmed", "per_statement"]},
"System": {"type": "object", "required": ["server_version", "store", "gauges", "jobs", "log"], "properties": {
  "jobs": {"type": "array", "items": {"type": "object", "required": ["name", "last", "next", "detail"]}},
  "server_version": {"type": "string"},
  "store": {"type": "object", "required": ["bytes", "rows", "events", "dropped", "failed_batches"]},
  "gauges": {"type": "array", "items": {"type": "object", "required": ["name", "value", "limit"]}},
  "log": {"type": "array", "items": {"type": "string"}}}},
"Report": {"type": "object", "required": ["run", "command", "queries", "phases"]},
"OpenApi": {"type": "object", "required": ["openapi", "info", "paths", "components"]},
"Order": {"type": "object", "required": ["order", "why"], "properties": {
  "order": {"type": "string", "enum": ["pinned", "banned", "rolled_back", "none"]}, "why": {"type": "string"}}},
"PolicyDecision": {"type": "object", "required": ["action", "why"], "properties": {
  "action": {"type": "string", "enum": ["approve", "reject", "ban", "deploy", "pin", "unpin", "rollback"]},
  "why": {"type": "string"}}},
"Statement": {"type": "object", "required": ["sql"], "properties": {"sql": {"type": "string"}}},
"Mode": {"type": "object", "required": ["mode", "why"], "properties": {
  "mode": {"type": "string", "enum": ["observe", "advise", "steer"]}, "why": {"type": "string"}}},
"Reason": {"type": "object", "required": ["why"], "properties": {"why": {"type": "string"}}},
"ReloadedSettings": {"type": "object", "required": ["changed", "need_restart"], "properties": {
  "changed": {"type": "array", "items": {"type": "string"}},
  "need_restart": {"type": "array", "items": {"type": "string"}}}},
"Hints": {"type": "object", "required": ["on", "why"], "properties": {
  "on": {"type": "boolean"}, "why": {"type": "string"}}}
})json";

}  // namespace hintd::dashboard
