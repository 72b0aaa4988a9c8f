// What `hintd tune` proved, as it is kept and handed on: for each template the hint sets that
// statements of it ran faster under, with the evidence. Values; learning/tune reads and writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/features.h"
#include "core/hint_set.h"
#include "core/statistics.h"

namespace hintd {

// What the measurements hold for. Evidence from another state of these is stale.
struct MeasuredOn {
  std::string server_version;
  std::vector<Setting>
      settings;            // those that plans depend on and that differ from PostgreSQL's own
  std::string schema;      // hash of tables, columns and indexes
  std::string statistics;  // hash of the tables' sizes, roughly

  // Why evidence from `earlier` no longer holds, in a few words; empty where it does.
  std::string stale_reason(const MeasuredOn& earlier) const;
};

// One statement, its default and its tuned plan run in pairs.
struct TunedStatement {
  std::string name;                     // as the workload has it
  std::vector<std::uint64_t> literals;  // hashes (core/query_template.h)
  std::string hint;                     // the name of its hint set
  double default_ms = 0;                // median
  double tuned_ms = 0;
  Interval default_interval;  // 95 %, of the median
  Interval tuned_interval;
  double ratio = 1;  // tuned / default: geometric mean of the pairs
  Interval ratio_interval;
  int pairs = 0;
  std::int64_t rows = 0;  // the same under both, and so was the hash of the rows
};

struct TunedTemplate {
  std::uint64_t fingerprint = 0;
  std::string normalized;
  // What holds for every literal: all measured statements of the template, and enough of them, were
  // faster under it. Empty where only the statements below were proved.
  std::string hint;
  int measured = 0;  // statements of the template that were measured
  std::vector<TunedStatement> statements;
};

// What a measured statement says of a hint set, for templates that were never measured.
struct HintEvidence {
  std::string hint;
  double log_ratio = 0;  // log(latency under it / under the default); 0 where it gives one plan
  bool stopped = false;  // the run was stopped: the ratio is at least this
};

struct MeasuredPlan {
  std::uint64_t fingerprint = 0;
  FeatureVector features{};  // of the default plan
  std::vector<HintEvidence> hints;
};

struct TunedPolicy {
  std::string created;  // UTC, ISO 8601
  MeasuredOn measured_on;
  std::string stale;               // why the evidence no longer holds; empty while it does
  std::vector<HintSet> hint_sets;  // those that are used
  std::vector<TunedTemplate> templates;
  std::vector<MeasuredPlan> plans;  // of every statement that was explored

  const HintSet* find_hint(std::string_view name) const;
  const TunedTemplate* find(std::uint64_t fingerprint) const;
  // Was any statement of the template explored?
  bool knows(std::uint64_t fingerprint) const;
  // What a statement should run under: the hint proved for these very literals, else the one that
  // holds for all literals of its template, else null, the default.
  const HintSet* hint_for(std::uint64_t fingerprint,
                          const std::vector<std::uint64_t>& literals) const;
};

}  // namespace hintd
