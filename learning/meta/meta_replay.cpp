#include "learning/meta/meta_replay.h"

#include <time.h>

#include <algorithm>
#include <cmath>

#include "core/statistics.h"
#include "learning/agent/dqn_agent.h"
#include "learning/agent/reward.h"
#include "learning/policy/arm_cost.h"
#include "learning/policy/rule_learner.h"

namespace hintd::learning {
namespace {

constexpr double kNoise = 0.05;  // of a single run's log latency
constexpr double kShortestDeadlineMs = 50;
constexpr double kRegressed = 1.1;

double thread_cpu_s() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

bool has_choice(const StatementEvidence& statement) {
  if (!statement.planned() || statement.default_ms() <= 0) return false;
  return std::any_of(statement.groups.begin() + 1, statement.groups.end(),
                     [](const auto& group) { return group.tried() && !group.unusable; });
}

// The statement as it is before anything but its default was tried.
StatementEvidence untried(const StatementEvidence& statement) {
  auto fresh = statement;
  for (std::size_t group = 1; group < fresh.groups.size(); ++group) fresh.groups[group] = {};
  return fresh;
}

// Latency of the arm over the default's, as the table has it; at least the bound of a stopped run.
double table_ratio(const StatementEvidence& statement, ArmId arm) {
  if (const auto ratio = statement.ratio(arm)) return *ratio;
  return std::max(1.0, statement.ratio_bound(arm));
}

class Replay {
 public:
  Replay(const Hyperparameters& hyperparameters, const std::vector<const StatementEvidence*>& rows,
         DqnAgent agent, std::uint64_t seed)
      : hyperparameters_(hyperparameters),
        agent_(std::move(agent)),
        draws_(Rng(seed).split("statements")),
        noise_(Rng(seed).split("noise")) {
    Rng split = Rng(seed).split("halves");
    for (const auto* row : rows) (split.chance(0.5) ? explored_ : held_out_).push_back(row);
  }

  void explore(int pairs) {
    std::vector<double> weights;
    for (const auto* row : explored_) {
      weights.push_back(row->default_ms() * std::max(row->seen, 1.0));
      memory_.statement(row->fingerprint, row->literals) = untried(*row);
    }
    if (explored_.empty()) return;
    for (int pair = 0; pair < pairs; ++pair) {
      // Drawn whatever is done with them: every genome sees the same.
      const auto& row = *explored_[draws_.weighted(weights)];
      const double noise = std::exp(kNoise * noise_.normal());
      try_one(row, noise);
    }
  }

  Fitness judge() const {
    const RuleLearner learner(hyperparameters_.rules);
    const MemoryPolicy policy(1, learner.learn_all(memory_));
    double possible = 0;
    double won = 0;
    double time = 0;
    double regressed = 0;
    std::vector<double> ratios;
    for (const auto* row : held_out_) {
      const double weight = std::max(row->seen, 1.0) * row->default_ms();
      const double ratio = served_ratio(policy, *row);
      time += weight;
      won += weight * (1 - ratio);
      possible += weight * (1 - row->best().second / row->default_ms());
      if (ratio > kRegressed) regressed += weight;
      ratios.push_back(ratio);
    }
    Fitness fitness;
    if (possible > 0) fitness.speed = won / possible;
    if (time > 0) fitness.regressed = regressed / time;
    fitness.tail = std::max(1.0, quantile(std::move(ratios), 0.95));
    return fitness;
  }

 private:
  void try_one(const StatementEvidence& row, double noise) {
    auto& known = memory_.statement(row.fingerprint, row.literals);
    std::vector<ArmId> allowed;
    for (std::size_t arm = 0; arm < row.group_of_arm.size(); ++arm) {
      const auto id = static_cast<ArmId>(arm);
      const auto& runs = row.runs_of(id);
      const bool is_default = row.group_of_arm[arm] == 0;
      if (arm == 0 || (!is_default && runs.tried() && !runs.unusable && !known.runs_of(id).tried()))
        allowed.push_back(id);
    }
    if (allowed.size() < 2) return;
    const auto choice = agent_.choose(row.features, allowed);
    if (choice.arm == kDefaultArm) return;
    const double usual_ms = row.default_ms();
    const double deadline_ms =
        std::max(kShortestDeadlineMs, hyperparameters_.deadline_multiple * usual_ms);
    const double full_ms = table_ratio(row, choice.arm) * usual_ms * noise;
    const bool stopped = full_ms > deadline_ms || !row.runs_of(choice.arm).measured();
    const double took_ms = std::min(full_ms, deadline_ms);
    auto& runs = known.runs_of(choice.arm);
    runs.paired_ratios.push_back(took_ms / usual_ms);
    if (stopped)
      runs.longer_than_ms = took_ms;
    else
      runs.finished_ms.push_back(took_ms);
    Transition transition{row.features,
                          choice.arm,
                          cost_of({Millis(took_ms), 0, stopped, false}, {Millis(usual_ms), 0},
                                  hyperparameters_.agent),
                          stopped,
                          row.fingerprint,
                          std::nullopt};
    if (hyperparameters_.agent.discount > 0) transition.next_state = row.features;
    agent_.observe(transition);
    agent_.train();
  }

  double served_ratio(const Policy& policy, const StatementEvidence& row) const {
    const PlannedState planned{row.default_shape, row.features};
    const auto decision = policy.choose({row.fingerprint, row.literals, &planned});
    const double usual_ms = row.default_ms();
    if (decision.arm == kDefaultArm || usual_ms <= decision.patience.count()) return 1;
    const auto& runs = row.runs_of(decision.arm);
    if (!runs.tried() || runs.unusable) return 1;
    const double arm_ms = table_ratio(row, decision.arm) * usual_ms;
    if (decision.patience > Millis::zero())
      return cost_of({decision.arm, decision.patience, {}, decision.takes_over}, usual_ms, arm_ms,
                     mean_slow_down(slow_downs(runs.parallel, runs.slow_downs)))
                 .user_ms /
             usual_ms;
    const double deadline_ms =
        std::max(kShortestDeadlineMs, hyperparameters_.deadline_multiple * usual_ms);
    const double served_ms = arm_ms > deadline_ms ? deadline_ms + usual_ms : arm_ms;
    return served_ms / usual_ms;
  }

  const Hyperparameters& hyperparameters_;
  DqnAgent agent_;
  Rng draws_;
  Rng noise_;
  std::vector<const StatementEvidence*> explored_;
  std::vector<const StatementEvidence*> held_out_;
  PlanMemory memory_;
};

}  // namespace

double score(const Fitness& fitness) {
  return fitness.speed - 2 * fitness.regressed - 2 * (fitness.tail - 1) -
         0.01 * std::log2(1 + fitness.cpu_s);
}

bool dominates(const Fitness& a, const Fitness& b) {
  const double of_a[] = {a.speed, -a.regressed, -a.tail, -a.cpu_s};
  const double of_b[] = {b.speed, -b.regressed, -b.tail, -b.cpu_s};
  bool better = false;
  for (int i = 0; i < 4; ++i) {
    if (of_a[i] < of_b[i]) return false;
    better = better || of_a[i] > of_b[i];
  }
  return better;
}

Result<MetaReplay> MetaReplay::create(PlanMemory memory, std::vector<std::string> arm_names,
                                      int pairs) {
  MetaReplay replay;
  replay.memory_ = std::move(memory);
  replay.arm_names_ = std::move(arm_names);
  replay.pairs_ = pairs;
  for (const auto& [fingerprint, statements] : replay.memory_.templates())
    for (const auto& [id, statement] : statements)
      if (has_choice(statement)) replay.rows_.push_back(&statement);
  if (replay.rows_.size() >= kFewest) return replay;
  return fail(ErrorKind::kInvalidInput,
              "the plan memory holds " + std::to_string(replay.rows_.size()) +
                  " statements with measured arms, " + std::to_string(kFewest) + " are needed",
              "let hintd explore longer first");
}

Result<Fitness> MetaReplay::run(const Hyperparameters& hyperparameters, std::uint64_t seed) const {
  const double before = thread_cpu_s();
  HINTD_TRY(auto agent,
            DqnAgent::create(hyperparameters.agent, arm_names_, Rng(seed).split("agent")));
  Replay replay(hyperparameters, rows_, std::move(agent), seed);
  replay.explore(pairs_);
  auto fitness = replay.judge();
  fitness.cpu_s = thread_cpu_s() - before;
  return fitness;
}

}  // namespace hintd::learning
