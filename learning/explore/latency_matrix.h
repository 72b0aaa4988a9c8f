// A workload measured under every hint set: rows are queries, columns are arms, cells are seconds.
// File format: a CSV with the header `filename,0,1,2,...`; column 0 is the planner's default.
#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/rng.h"
#include "learning/explore/exploration.h"

namespace hintd::learning {

struct LatencyMatrix {
  std::vector<std::string> names;            // of the queries
  std::size_t arms = 0;                      // columns; arm 0 is the default
  std::vector<std::vector<double>> seconds;  // [query][arm], positive and finite
  // Workloads whose arms' effects may be known beforehand (arm_effects.h): not this one, and none
  // where the arms are others.
  std::vector<std::string_view> effect_sources = {};

  double default_total() const;
  // Every query under its best arm.
  double oracle_total() const;
};

// kNotFound when the file cannot be opened; kInvalidInput with file, line and column for ragged
// rows, cells that are no positive number, a header without the default column, a name used twice,
// and a file without rows.
Result<LatencyMatrix> read_latency_matrix(const std::filesystem::path& file);
// The same from a stream; `name` is what errors call it.
Result<LatencyMatrix> parse_latency_matrix(std::istream& in, std::string_view name);

// As many rows, drawn with replacement: shows how far a strategy carries to other workloads.
LatencyMatrix bootstrap_rows(const LatencyMatrix& matrix, Rng& rng);

// What a strategy may know beforehand: default latencies, and which arms give one plan (cells of a
// row with equal values). Arms get
// the meaning of the 49 hint sets, and their effects elsewhere, where there are 49 of them.
ExplorationProblem problem_of(const LatencyMatrix& matrix);

}  // namespace hintd::learning
