#include "app/meta_search.h"

#include <sys/resource.h>
#include <unistd.h>

#include "core/log.h"

namespace hintd::app {
namespace {

constexpr int kLowestPriority = 19;

}  // namespace

learning::Hyperparameters shipped(const config::Settings& settings) {
  return {settings.agent, settings.rules, settings.safety.deadline_multiple};
}

std::filesystem::path meta_checkpoint(const std::filesystem::path& folder) {
  return folder / "meta.json";
}

MetaSearch::~MetaSearch() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void MetaSearch::begin(PlanMemory memory) {
  if (running_) return;
  if (thread_.joinable()) thread_.join();
  running_ = true;
  thread_ = std::thread([this, memory = std::move(memory)]() mutable { run(std::move(memory)); });
}

void MetaSearch::run(PlanMemory memory) {
  // Of this thread alone.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowestPriority);
  failsafe_.run([&] {
    if (const auto searched = search(std::move(memory)); !searched)
      log_info("level_2_skipped", {{"why", searched.error().text()}});
  });
  running_ = false;
}

Status MetaSearch::search(PlanMemory memory) {
  HINTD_TRY(const auto replay,
            learning::MetaReplay::create(std::move(memory), arm_names_, settings_.level2.pairs));
  HINTD_TRY(auto learner,
            learning::MetaLearner::create(settings_.level2, shipped(settings_), replay,
                                          Rng(settings_.workload.seed).split("meta")));
  const auto checkpoint = meta_checkpoint(folder_);
  if (std::filesystem::exists(checkpoint)) HINTD_TRY_STATUS(learner.load(checkpoint));
  HINTD_TRY(const auto generation, learner.step([this] { return !stopping_; }));
  HINTD_TRY_STATUS(learner.save(checkpoint));
  if (stopping_) return {};
  HINTD_TRY(const auto challenge, learner.challenge());
  HINTD_TRY_STATUS(learner.save(checkpoint));
  log_info("level_2", {{"generation", static_cast<std::int64_t>(generation.number)},
                       {"cpu_s", generation.cpu_s},
                       {"best_score", learning::score(generation.population.front().fitness)},
                       {"over_champion", challenge.difference},
                       {"at_least", challenge.lower},
                       {"champion", challenge.lower > 0 ? "replaced" : "kept"}});
  return {};
}

}  // namespace hintd::app
