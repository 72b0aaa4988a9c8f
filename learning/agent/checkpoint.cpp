#include "learning/agent/checkpoint.h"

#include <fstream>
#include <sstream>

#include "core/durable_file.h"
#include "learning/agent/checkpoint_codec.h"

namespace hintd::learning {

Status write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  return replace_file(path, encode(checkpoint));
}

Result<Checkpoint> read_checkpoint(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  if (!file || !(bytes << file.rdbuf())) {
    return fail(ErrorKind::kNotFound, "checkpoint " + path.string() + " cannot be read",
                "check the path, or begin without it");
  }
  return decode(bytes.view(), path.string());
}

}  // namespace hintd::learning
