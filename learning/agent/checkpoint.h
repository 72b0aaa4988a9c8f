// An agent on disk, in a format of our own: little-endian, checksummed, arms by name. Everything
// that training and exploring depend on is in it, so that a resumed run goes on exactly as the one
// that was stopped would have.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/rng.h"
#include "learning/agent/q_network.h"
#include "learning/agent/replay_buffer.h"

namespace hintd::learning {

struct Checkpoint {
  std::vector<std::string> arm_names;  // by arm number in this checkpoint
  std::vector<int> hidden_sizes;
  int heads = 0;
  NetworkState network;
  std::vector<Experience> replay;  // ReplayBuffer::contents()
  Rng::State rng{};
  std::int64_t observations = 0;
};

// Replaces `path` atomically: written beside it, synced, renamed. kExhausted when the disk is full,
// kUnavailable when the file cannot be written; what stood at `path` is then untouched.
Status write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

// kNotFound without a file; kCorrupt when it is cut short, damaged or was never a checkpoint;
// kConflict when it was written by another version or holds another number of features.
Result<Checkpoint> read_checkpoint(const std::filesystem::path& path);

// The same checkpoint with its arms numbered as in `arm_names`. kConflict, naming them and `path`,
// when one side has arms that the other lacks or their default is another.
Result<Checkpoint> with_arms(Checkpoint checkpoint, const std::vector<std::string>& arm_names,
                             const std::filesystem::path& path);

}  // namespace hintd::learning
