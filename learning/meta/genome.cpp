#include "learning/meta/genome.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace hintd::learning {
namespace {

// A member of Hyperparameters, e.g. HINTD_GENE(agent.heads).
#define HINTD_GENE(member)                                                          \
  [](const Hyperparameters& h) { return static_cast<double>(h.member); },           \
      [](Hyperparameters& h, double value) {                                        \
        h.member = static_cast<std::remove_reference_t<decltype(h.member)>>(value); \
      }

constexpr bool kLinear = false;
constexpr bool kLog = true;
constexpr bool kReal = false;
constexpr bool kWholeNumber = true;

// clang-format off
constexpr Gene kGenes[] = {
    {"learning.agent.learning_rate", 1e-4, 1e-2, kLog, kReal, HINTD_GENE(agent.learning_rate)},
    {"learning.agent.batch_size", 16, 256, kLog, kWholeNumber, HINTD_GENE(agent.batch_size)},
    {"learning.agent.replay_capacity", 200, 20000, kLog, kWholeNumber, HINTD_GENE(agent.replay_capacity)},
    {"learning.agent.heads", 2, 12, kLinear, kWholeNumber, HINTD_GENE(agent.heads)},
    {"learning.agent.hidden_sizes", 32, 256, kLog, kWholeNumber,
     [](const Hyperparameters& h) { return static_cast<double>(h.agent.hidden_sizes.front()); },
     [](Hyperparameters& h, double value) {
       std::fill(h.agent.hidden_sizes.begin(), h.agent.hidden_sizes.end(), static_cast<int>(value));
     }},
    {"learning.agent.prior_mean", -0.5, 1, kLinear, kReal, HINTD_GENE(agent.prior_mean)},
    {"learning.agent.prior_scale", 0.1, 1.5, kLog, kReal, HINTD_GENE(agent.prior_scale)},
    {"learning.agent.train_steps_per_observation", 1, 4, kLinear, kWholeNumber, HINTD_GENE(agent.train_steps_per_observation)},
    {"learning.agent.bootstrap_probability", 0.5, 1, kLinear, kReal, HINTD_GENE(agent.bootstrap_probability)},
    {"learning.agent.epsilon_start", 0.02, 0.5, kLinear, kReal, HINTD_GENE(agent.epsilon_start)},
    {"learning.agent.epsilon_end", 0, 0.02, kLinear, kReal, HINTD_GENE(agent.epsilon_end)},
    {"learning.agent.epsilon_decay_steps", 50, 5000, kLog, kWholeNumber, HINTD_GENE(agent.epsilon_decay_steps)},
    {"learning.agent.discount", 0, 0.5, kLinear, kReal, HINTD_GENE(agent.discount)},
    {"learning.agent.risk_bound", 0, 3, kLinear, kReal, HINTD_GENE(agent.risk_bound)},
    {"learning.agent.latency_weight", 0.5, 2, kLog, kReal, HINTD_GENE(agent.latency_weight)},
    {"learning.agent.resource_weight", 0, 0.5, kLinear, kReal, HINTD_GENE(agent.resource_weight)},
    {"learning.agent.failure_penalty", 0.5, 5, kLog, kReal, HINTD_GENE(agent.failure_penalty)},
    {"learning.rules.min_statements", 2, 8, kLinear, kWholeNumber, HINTD_GENE(rules.min_statements)},
    {"learning.rules.min_gain", 0.005, 0.3, kLog, kReal, HINTD_GENE(rules.min_gain)},
    {"learning.rules.max_regression", 0.02, 0.2, kLog, kReal, HINTD_GENE(rules.max_regression)},
    {"safety.deadline_multiple", 1.1, 4, kLog, kReal, HINTD_GENE(deadline_multiple)},
};
// clang-format on

double value_of(const Gene& gene, double place) {
  double value = gene.logarithmic ? gene.low * std::pow(gene.high / gene.low, place)
                                  : gene.low + place * (gene.high - gene.low);
  if (gene.whole) value = std::round(value);
  return std::clamp(value, gene.low, gene.high);
}

double place_of(const Gene& gene, double value) {
  const double clipped = std::clamp(value, gene.low, gene.high);
  return gene.logarithmic ? std::log(clipped / gene.low) / std::log(gene.high / gene.low)
                          : (clipped - gene.low) / (gene.high - gene.low);
}

double reflected(double place) {
  place = std::abs(place);
  place = std::fmod(place, 2);
  return place > 1 ? 2 - place : place;
}

}  // namespace

std::span<const Gene> genes() {
  return kGenes;
}

Genome encode(const Hyperparameters& hyperparameters) {
  Genome genome;
  for (const auto& gene : kGenes) genome.push_back(place_of(gene, gene.get(hyperparameters)));
  return genome;
}

Hyperparameters decode(const Genome& genome, Hyperparameters base) {
  for (std::size_t i = 0; i < std::size(kGenes); ++i)
    kGenes[i].set(base, value_of(kGenes[i], genome[i]));
  return base;
}

Genome random_genome(Rng& rng) {
  Genome genome(std::size(kGenes));
  for (auto& place : genome) place = rng.uniform();
  return genome;
}

Genome crossed(const Genome& a, const Genome& b, Rng& rng) {
  Genome child = a;
  for (std::size_t i = 0; i < child.size(); ++i)
    if (rng.chance(0.5)) child[i] = b[i];
  return child;
}

Genome mutated(Genome genome, double rate, double sd, Rng& rng) {
  for (auto& place : genome)
    if (rng.chance(rate)) place = reflected(place + sd * rng.normal());
  return genome;
}

std::string to_json(const Genome& genome) {
  nlohmann::json values;
  for (std::size_t i = 0; i < std::size(kGenes); ++i)
    values[std::string(kGenes[i].key)] = value_of(kGenes[i], genome[i]);
  return values.dump();
}

}  // namespace hintd::learning
