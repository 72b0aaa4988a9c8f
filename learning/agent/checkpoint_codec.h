// A checkpoint as bytes.
#pragma once

#include <string>
#include <string_view>

#include "learning/agent/checkpoint.h"

namespace hintd::learning {

std::string encode(const Checkpoint& checkpoint);

// `name` is the file's, for messages. Errors as read_checkpoint's.
Result<Checkpoint> decode(std::string_view bytes, const std::string& name);

}  // namespace hintd::learning
