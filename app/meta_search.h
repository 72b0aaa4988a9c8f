// Level 2 beside the traffic: a generation of the search for hyperparameters, in a thread of its
// own at the lowest priority, on a copy of what was measured. Goes on where the last one, by hand
// or not, left its checkpoint.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "config/settings.h"
#include "core/failsafe.h"
#include "core/plan_memory.h"
#include "learning/meta/meta_learner.h"

namespace hintd::app {

// The settings as they are: what level 2 starts from and is held against.
learning::Hyperparameters shipped(const config::Settings& settings);

std::filesystem::path meta_checkpoint(const std::filesystem::path& folder);

// Not thread-safe.
class MetaSearch {
 public:
  MetaSearch(config::Settings settings, std::vector<std::string> arm_names,
             std::filesystem::path folder)
      : settings_(std::move(settings)),
        arm_names_(std::move(arm_names)),
        folder_(std::move(folder)) {}
  // Ends after the replay it is at: what was measured by then is kept.
  ~MetaSearch();

  // Begins a generation, unless one is under way. One that fails, such as for want of measurements,
  // says so in the log.
  void begin(PlanMemory memory);

 private:
  void run(PlanMemory memory);
  Status search(PlanMemory memory);

  config::Settings settings_;
  std::vector<std::string> arm_names_;
  std::filesystem::path folder_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> running_ = false;
  Failsafe failsafe_{"level_2_failed"};
  std::thread thread_;
};

}  // namespace hintd::app
