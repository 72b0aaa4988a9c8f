// Workloads that are tuned while hintd serves: each by `hintd tune` in a process of its own, so
// that nothing it does can touch the traffic; one at a time, because two would disturb each other's
// measurements. What they were asked and what came of it lies in numbered folders.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/child_process.h"
#include "core/operations.h"

namespace hintd::app {

// Thread-safe.
class TuneRuns {
 public:
  struct Options {
    std::filesystem::path folder;  // made when the first one starts
    std::string dsn;
    std::optional<std::filesystem::path> config_file;  // as --config; none: where hintd looks
    std::filesystem::path program = "/proc/self/exe";
  };
  // The newest are kept.
  static constexpr std::size_t kKept = 20;

  explicit TuneRuns(Options options) : options_(std::move(options)) {}
  // Ends the one that runs, at once where it takes long.
  ~TuneRuns();

  // As Operations' functions of these names, without the audit log.
  Result<std::uint32_t> start(std::string_view workload, Seconds budget, const ChangeNote& note,
                              TimePoint now);
  Status stop(std::uint32_t id);
  std::vector<TuneRun> list();
  Result<std::string> report(std::uint32_t id) const;
  Result<std::string> policy(std::uint32_t id) const;

 private:
  std::filesystem::path folder_of(std::uint32_t id) const;
  std::vector<std::uint32_t> ids() const;  // oldest first
  Status write_request(std::uint32_t id, std::string_view workload, std::int64_t statements,
                       Seconds budget, const ChangeNote& note, TimePoint now) const;
  Status launch(std::uint32_t id, Seconds budget);
  void forget_oldest() const;
  bool runs(std::uint32_t id);
  TuneRun read(std::uint32_t id);

  const Options options_;
  std::mutex mutex_;
  std::optional<ChildProcess> child_;
  std::uint32_t child_id_ = 0;
};

}  // namespace hintd::app
