// hintd bench start: how long `hintd serve` takes until it is ready, with much to restore.
#pragma once

#include "app/commands.h"

namespace hintd::app {

struct BenchStartOptions {
  int templates = 10'000;
  int policies = 100;
  int repetitions = 10;
};
int bench_start(const CommonOptions& common, const BenchStartOptions& options);

}  // namespace hintd::app
