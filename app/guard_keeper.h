// Keeps what the supervisor knows in a file of the data folder, from a thread of its own: at once
// after a verdict, every half minute while anything is served, and at the end. What cannot be
// written is logged and tried again.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/failsafe.h"
#include "core/hint_set.h"
#include "core/result.h"
#include "safety/guard_state.h"
#include "safety/supervisor.h"

namespace hintd::app {

class GuardKeeper {
 public:
  // Restores what was `kept` (safety::load_guards of the file); a file that cannot be read is set
  // aside, which the log says. Before the supervisor hears of any run and after it heard of the
  // policy in force. It must outlive this.
  GuardKeeper(safety::Supervisor& supervisor, const HintCatalogue& catalogue,
              std::filesystem::path file, const Result<safety::GuardState>& kept);
  ~GuardKeeper();
  GuardKeeper(const GuardKeeper&) = delete;
  GuardKeeper& operator=(const GuardKeeper&) = delete;

 private:
  void restore(const Result<safety::GuardState>& kept);
  void run();
  void save();

  safety::Supervisor& supervisor_;
  std::vector<std::string> arms_;
  const std::filesystem::path file_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool verdict_ = false;
  bool stopping_ = false;

  Failsafe failsafe_{"guards_failed"};
  std::thread thread_;
};

}  // namespace hintd::app
