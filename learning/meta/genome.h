// The hyperparameters of levels 0 and 1 as a genetic algorithm sees them: one number in [0, 1] for
// each, linear or logarithmic in its range.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/rng.h"
#include "learning/agent/agent_config.h"
#include "learning/policy/rule_config.h"

namespace hintd::learning {

// What a genome decides.
struct Hyperparameters {
  AgentConfig agent;
  RuleConfig rules;
  double deadline_multiple = 1.5;  // safety.deadline_multiple
};

struct Gene {
  std::string_view key;  // of the settings table
  double low;
  double high;
  bool logarithmic;
  bool whole;
  double (*get)(const Hyperparameters&);
  void (*set)(Hyperparameters&, double);
};
std::span<const Gene> genes();

using Genome = std::vector<double>;  // by gene, 0..1

// Values outside a gene's range are clipped to it.
Genome encode(const Hyperparameters& hyperparameters);
// `base` gives what no gene decides.
Hyperparameters decode(const Genome& genome, Hyperparameters base);

Genome random_genome(Rng& rng);
// Each gene from either parent, evenly.
Genome crossed(const Genome& a, const Genome& b, Rng& rng);
// Each gene moves with probability `rate` by a normal step of `sd`, reflected at its bounds.
Genome mutated(Genome genome, double rate, double sd, Rng& rng);

// JSON by settings key.
std::string to_json(const Genome& genome);

}  // namespace hintd::learning
