// Level 2: a genetic algorithm over the hyperparameters of levels 0 and 1. Tournament selection,
// uniform crossover, normal mutation within bounds, elitism; every genome of a generation is
// measured with the same random numbers. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "learning/meta/genome.h"
#include "learning/meta/meta_config.h"
#include "learning/meta/meta_replay.h"

namespace hintd::learning {

struct Individual {
  Genome genome;
  Fitness fitness;  // mean over the seeds
  bool measured = false;
};

struct Generation {
  int number = 0;
  std::vector<Individual> population;  // best score first
  std::vector<std::size_t> front;      // of it: those that none dominates (Pareto)
  double cpu_s = 0;
};

// How much better a is than b: the same seeds for both.
struct Comparison {
  double difference = 0;  // mean of score(a) - score(b)
  double lower = 0;       // 95 % one-sided bound, by Student's t
  Fitness a;              // means
  Fitness b;
  int seeds = 0;
};

class MetaLearner {
 public:
  // `start` is the champion in the beginning. The replay must outlive it. kInvalidInput when a
  // setting is out of range.
  static Result<MetaLearner> create(MetaConfig config, Hyperparameters start,
                                    const MetaReplay& replay, Rng rng);

  // One generation: measures what is not measured yet, within the CPU budget, then breeds the next
  // one. `wait` is called between replays: it may sleep, or answer false to stop; what was measured
  // by then is kept.
  Result<Generation> step(const std::function<bool()>& wait = {});

  // Holds the best of the last generation against the champion, on seeds that no generation saw;
  // replaces the champion where the lower bound of the difference is above 0.
  Result<Comparison> challenge();

  const Genome& champion() const { return champion_; }
  int generation() const { return generation_; }

  // Whole or not at all. Loading goes on where it was saved; kCorrupt for what is not a checkpoint
  // of these genes.
  Status save(const std::filesystem::path& path) const;
  Status load(const std::filesystem::path& path);

 private:
  MetaLearner(MetaConfig config, Hyperparameters start, const MetaReplay& replay, Rng rng);
  Result<Fitness> measure(const Genome& genome) const;
  const Individual& tournament(const std::vector<Individual>& from);

  MetaConfig config_;
  Hyperparameters base_;
  const MetaReplay* replay_;
  Rng rng_;
  int generation_ = 0;
  std::vector<Individual> population_;
  Genome best_;  // of the last generation
  Genome champion_;
};

// `seeds` replays of each, seeds first_seed, first_seed + 1, ...
Result<Comparison> compare(const MetaReplay& replay, const Hyperparameters& a,
                           const Hyperparameters& b, std::uint64_t first_seed, int seeds);

}  // namespace hintd::learning
