// hintd bench rules: what the rules that plan memories give are worth on statements left out.
#pragma once

#include <filesystem>
#include <vector>

#include "app/commands.h"

namespace hintd::app {

struct BenchRulesOptions {
  std::vector<std::filesystem::path> folders;  // of demos or services: each holds a memory.ckpt
};

// The exit status; what went wrong has been said on stderr.
int bench_rules(const CommonOptions& common, const BenchRulesOptions& options);

}  // namespace hintd::app
