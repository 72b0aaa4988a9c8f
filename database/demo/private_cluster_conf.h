// The settings of a private cluster, decided from the machine's memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace hintd::database {

// What the machine has, or the control group allows where that is less.
std::int64_t usable_memory_mb();

// The text of a configuration file, each setting with its reason. memory_mb > 0.
std::string cluster_conf(std::int64_t memory_mb, const std::filesystem::path& socket_directory);

}  // namespace hintd::database
