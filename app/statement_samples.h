// One statement of each template, as it came, so that its plans can be asked for.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hintd::app {

// Thread-safe. Full at ten thousand templates; statements longer than 64 KiB are not kept.
class StatementSamples {
 public:
  void keep(std::uint64_t fingerprint, std::string_view sql);
  std::optional<std::string> find(std::uint64_t fingerprint) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::string> statements_;
};

}  // namespace hintd::app
