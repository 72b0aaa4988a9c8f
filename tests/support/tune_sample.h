// A report of `hintd tune` with one statement of every kind that matters.
#pragma once

#include "telemetry/tune_report.h"

namespace hintd::test {

inline TunedStatement tuned_statement(const std::string& name, const std::string& hint,
                                      double default_ms, double ratio) {
  TunedStatement one;
  one.name = name;
  one.hint = hint;
  one.default_ms = default_ms;
  one.tuned_ms = default_ms * ratio;
  one.default_interval = {0.9 * default_ms, 1.1 * default_ms};
  one.tuned_interval = {0.9 * one.tuned_ms, 1.1 * one.tuned_ms};
  one.ratio = ratio;
  one.ratio_interval = {ratio - 0.05, ratio + 0.05};
  one.pairs = 4;
  one.rows = 7;
  return one;
}

inline telemetry::TuneLine tune_line(const std::string& name, const std::string& standing,
                                     double default_ms, double found_ms) {
  telemetry::TuneLine line;
  line.name = name;
  line.fingerprint = 42;
  line.sql = "SELECT '<" + name + ">'";
  line.standing = standing;
  line.default_ms = default_ms;
  line.found_ms = found_ms;
  return line;
}

// q1 is confirmed for all literals of template 42, q2 for its own literals of template 43.
inline telemetry::TuneReport tune_sample() {
  telemetry::TuneReport report;
  report.outcome = "completed";
  report.notes = {"a note"};
  auto& policy = report.policy;
  policy.created = "2026-01-02T03:04:05Z";
  policy.measured_on.server_version = "15.4";
  policy.hint_sets = {{"no_nestloop", "", {{"enable_nestloop", "off"}}},
                      {"no_hash", "", {{"enable_hashjoin", "off"}, {"work_mem", "64MB"}}}};
  policy.templates = {
      {42,
       "SELECT $1 || 'it''s' || $12",
       "no_nestloop",
       5,
       {tuned_statement("q1", "no_nestloop", 100, 0.2)}},
      {43, "SELECT f($1)\n FROM t", "", 2, {tuned_statement("q2", "no_hash", 10, 0.5)}}};
  auto first = tune_line("q1", "confirmed", 100, 15);
  first.hint = "no_nestloop";
  first.evidence = policy.templates[0].statements[0];
  first.default_plan = "Nested Loop <a>";
  first.tuned_plan = "Hash Join <b>";
  auto second = tune_line("q2", "confirmed", 10, 5);
  second.fingerprint = 43;
  second.hint = "no_hash";
  second.evidence = policy.templates[1].statements[0];
  auto unproved = tune_line("q3", "unproved", 40, 30);
  unproved.reason = "the pairs did not show that it is faster";
  auto left_out = tune_line("q4", "left out", 0, 0);
  left_out.reason = "division by zero";
  report.lines = {first, second, unproved, left_out, tune_line("q5", "no winner", 20, 20)};
  report.skipped = {{"q6", "not one read-only SELECT"}};
  report.budget_s = 60;
  report.defaults_s = 1;
  report.exploring_s = 2;
  report.curve = {{0, 0.17}, {1, 0.07}};
  return report;
}

}  // namespace hintd::test
