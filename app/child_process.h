// A program that runs beside ours until it is stopped.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace hintd::app {

// Stopped (SIGTERM, and waited for) when destroyed.
class ChildProcess {
 public:
  // Its output goes to the log; `variables` (NAME=VALUE) are added to its environment. It gets no
  // other open file of ours. kUnavailable when it cannot be started.
  static Result<ChildProcess> start(const std::vector<std::string>& command,
                                    const std::filesystem::path& log,
                                    std::vector<std::string> variables = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  bool has_ended();
  // SIGTERM, without waiting.
  void ask_to_end() const;
  // Waits until the log holds the text, 20 s at most; the line it stands on. kUnavailable with the
  // log's end when it does not come.
  Result<std::string> wait_for(const std::string& text);
  // Resident memory, KiB.
  std::int64_t resident_kib() const;
  // Open descriptors.
  int open_files() const;
  // User and system time of all its threads so far.
  Seconds cpu_time() const;

 private:
  ChildProcess(pid_t pid, std::filesystem::path log) : pid_(pid), log_(std::move(log)) {}
  pid_t pid_;
  std::filesystem::path log_;
};

}  // namespace hintd::app
