#include "database/demo/private_cluster_conf.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace hintd::database {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kMinSharedBuffersMb = 32;
constexpr std::int64_t kMaxSharedBuffersMb = 2048;

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

std::string megabytes(std::int64_t mb) {
  return std::to_string(mb) + "MB";
}

}  // namespace

std::int64_t usable_memory_mb() {
  std::int64_t bytes = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE);
  std::int64_t limit = 0;
  // Holds "max" where there is no limit, which does not read as a number.
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit && limit > 0)
    bytes = std::min(bytes, limit);
  return std::max<std::int64_t>(bytes / kMiB, 1);
}

std::string cluster_conf(std::int64_t memory_mb, const std::filesystem::path& socket_directory) {
  const auto shared = std::clamp(memory_mb / 4, kMinSharedBuffersMb, kMaxSharedBuffersMb);
  std::string conf = "# Written by hintd at every start; changes here are lost.\n";
  const auto set = [&](const char* reason, const char* name, const std::string& value) {
    conf += std::string("\n# ") + reason + "\n" + name + " = " + value + "\n";
  };
  set("Nobody reaches this server over the network.", "listen_addresses", "''");
  set("The one door, a folder of the server's own user.", "unix_socket_directories",
      quoted(socket_directory.string()));
  set("Names the socket; no port is opened.", "port", "5432");
  set("hintd itself, a few people, and the clients of hintd bench proxy.", "max_connections",
      "200");
  set("A quarter of the memory, 2 GB at most: the demo's data fits.", "shared_buffers",
      megabytes(shared));
  set("Half of the memory: what the system's cache is likely to hold.", "effective_cache_size",
      megabytes(std::max(memory_mb / 2, shared)));
  set("One client at a time: more than PostgreSQL's 4 MB is safe and usual.", "work_mem", "16MB");
  set("Loading builds indexes.", "maintenance_work_mem",
      megabytes(std::clamp<std::int64_t>(memory_mb / 16, 16, 256)));
  set("Data on a solid-state disk, mostly cached.", "random_page_cost", "1.1");
  set("Short analytical statements: compiling costs more than it wins.", "jit", "off");
  set("Few cores, shared with hintd; a hint set may raise it.", "max_parallel_workers_per_gather",
      "0");
  set("Loading should not wait for checkpoints.", "max_wal_size", "4GB");
  set("Statements that are stopped on purpose are no news; the server's own events are.",
      "log_min_messages", "log");
  return conf;
}

}  // namespace hintd::database
