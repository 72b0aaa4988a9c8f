// What a run of `hintd tune` found, for people and machines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/tuned_policy.h"

namespace hintd::telemetry {

struct TuneLine {
  std::string name;
  std::uint64_t fingerprint = 0;
  std::string sql;
  std::string standing;   // "confirmed", "no winner", "left out", ...
  std::string reason;     // of the standing; may be empty
  std::string hint;       // confirmed, else the fastest found; empty: the default
  double default_ms = 0;  // 0: not measured
  double found_ms = 0;    // the fastest run while exploring
  std::size_t plans = 0;
  int tried = 0;
  std::optional<TunedStatement> evidence;  // where it is confirmed
  std::string default_plan;                // as text; empty where it was not asked for
  std::string tuned_plan;
};

struct NotTuned {
  std::string name;
  std::string reason;
};

struct TunePoint {
  double charge_s = 0;
  double workload_s = 0;
};

struct TuneReport {
  std::string outcome;  // "completed", "interrupted", "failed: ..."
  std::vector<std::string> notes;
  TunedPolicy policy;
  std::vector<TuneLine> lines;  // most milliseconds saved first
  std::vector<NotTuned> skipped;
  double budget_s = 0;
  double defaults_s = 0;  // wall time of each part
  double planning_s = 0;
  double exploring_s = 0;
  double confirming_s = 0;
  std::vector<TunePoint> curve;  // workload latency over the time explored

  double spent_s() const { return defaults_s + planning_s + exploring_s + confirming_s; }
  // Of what was measured, under the default; the same with what was confirmed, and with the fastest
  // found, proved or not.
  double default_ms() const;
  double tuned_ms() const;
  double found_ms() const;
  std::size_t confirmed() const;
};

std::string tune_report_text(const TuneReport& report);
std::string tune_report_json(const TuneReport& report);
// The answer in a sentence or two.
std::vector<std::string> tune_headline(const TuneReport& report);

}  // namespace hintd::telemetry
