// The plan memory on disk: what a second run resumes from and what `hintd explain` reads.
// Statements by the hashes of their literals, arms by name, so that a changed catalogue drops what
// it no longer has and keeps the rest.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/plan_memory.h"
#include "core/result.h"

namespace hintd::learning {

struct StoredMemory {
  PlanMemory memory;
  std::uint32_t policy_version = 0;
};

// Whole or not at all: written beside the file, then moved over it. kExhausted when the disk is
// full, kUnavailable when the folder cannot be written.
Status save_memory(const std::filesystem::path& path, const PlanMemory& memory,
                   std::uint32_t policy_version, const HintCatalogue& catalogue);

// kNotFound without a file; kCorrupt for a file that is not one of ours or was changed.
Result<StoredMemory> load_memory(const std::filesystem::path& path, const HintCatalogue& catalogue);

}  // namespace hintd::learning
