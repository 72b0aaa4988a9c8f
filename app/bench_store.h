// hintd bench store: batches against single rows, queries on many raw rows, the size of a backup.
#pragma once

#include <cstdint>

#include "app/commands.h"

namespace hintd::app {

struct BenchStoreOptions {
  std::int64_t rows = 10'000'000;  // raw statements, spread over a year
  int single_rows = 2000;          // written one a transaction, and in batches
  int repetitions = 50;            // of each query
};
int bench_store(const CommonOptions& common, const BenchStoreOptions& options);

}  // namespace hintd::app
