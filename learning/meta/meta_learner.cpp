#include "learning/meta/meta_learner.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/durable_file.h"
#include "core/query_template.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

constexpr auto kLineageKind = "hintd meta-learner";
constexpr int kLineageFormat = 1;
// Seeds of generations are small numbers; those of challenges lie apart, so that no genome was
// selected on them.
constexpr std::uint64_t kChallengeSeeds = 1'000'000;

Fitness mean_of(const std::vector<Fitness>& all) {
  Fitness mean;
  mean.tail = 0;
  const auto n = static_cast<double>(all.size());
  for (const auto& one : all) {
    mean.speed += one.speed / n;
    mean.regressed += one.regressed / n;
    mean.tail += one.tail / n;
    mean.cpu_s += one.cpu_s / n;
  }
  return mean;
}

// Student's t, one-sided 95 %; a normal's from 30 on.
double t_quantile(int degrees) {
  constexpr double kTable[] = {6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812,
                               1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725,
                               1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699};
  return degrees <= 29 ? kTable[degrees - 1] : 1.645;
}

std::vector<std::size_t> pareto_front(const std::vector<Individual>& population) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < population.size(); ++i) {
    const bool dominated =
        std::any_of(population.begin(), population.end(), [&](const auto& other) {
          return other.measured && dominates(other.fitness, population[i].fitness);
        });
    if (population[i].measured && !dominated) front.push_back(i);
  }
  return front;
}

json to_json(const Individual& individual) {
  const auto& f = individual.fitness;
  return {{"genome", individual.genome},
          {"measured", individual.measured},
          {"fitness", {f.speed, f.regressed, f.tail, f.cpu_s}}};
}

Individual individual_from(const json& value) {
  Individual individual;
  individual.genome = value.at("genome").get<Genome>();
  if (individual.genome.size() != genes().size()) throw std::invalid_argument("other genes");
  individual.measured = value.at("measured");
  const auto& f = value.at("fitness");
  individual.fitness = {f.at(0), f.at(1), f.at(2), f.at(3)};
  return individual;
}

}  // namespace

Result<Comparison> compare(const MetaReplay& replay, const Hyperparameters& a,
                           const Hyperparameters& b, std::uint64_t first_seed, int seeds) {
  std::vector<Fitness> of_a;
  std::vector<Fitness> of_b;
  Comparison comparison;
  double squares = 0;
  for (int i = 0; i < seeds; ++i) {
    const auto seed = first_seed + static_cast<std::uint64_t>(i);
    HINTD_TRY(of_a.emplace_back(), replay.run(a, seed));
    HINTD_TRY(of_b.emplace_back(), replay.run(b, seed));
    comparison.difference += (score(of_a.back()) - score(of_b.back())) / seeds;
  }
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    const double distance = score(of_a[i]) - score(of_b[i]) - comparison.difference;
    squares += distance * distance;
  }
  const double error = std::sqrt(squares / (seeds - 1) / seeds);
  comparison.lower = comparison.difference - t_quantile(seeds - 1) * error;
  comparison.a = mean_of(of_a);
  comparison.b = mean_of(of_b);
  comparison.seeds = seeds;
  return comparison;
}

MetaLearner::MetaLearner(MetaConfig config, Hyperparameters start, const MetaReplay& replay,
                         Rng rng)
    : config_(config),
      base_(std::move(start)),
      replay_(&replay),
      rng_(rng),
      best_(encode(base_)),
      champion_(best_) {}

Result<MetaLearner> MetaLearner::create(MetaConfig config, Hyperparameters start,
                                        const MetaReplay& replay, Rng rng) {
  if (config.elites >= config.population)
    return fail(ErrorKind::kInvalidInput,
                "level2.elites is " + std::to_string(config.elites) + " of a population of " +
                    std::to_string(config.population),
                "set it below level2.population");
  MetaLearner learner(config, std::move(start), replay, rng);
  learner.population_.push_back({learner.champion_, {}, false});
  while (static_cast<int>(learner.population_.size()) < config.population) {
    // Half near what is shipped, half anywhere.
    const bool near = learner.population_.size() % 2 == 0;
    learner.population_.push_back(
        {near ? mutated(learner.champion_, 0.5, config.mutation_sd, learner.rng_)
              : random_genome(learner.rng_),
         {},
         false});
  }
  return learner;
}

Result<Fitness> MetaLearner::measure(const Genome& genome) const {
  const auto hyperparameters = decode(genome, base_);
  std::vector<Fitness> all;
  for (int seed = 0; seed < config_.seeds; ++seed) {
    HINTD_TRY(all.emplace_back(), replay_->run(hyperparameters, static_cast<std::uint64_t>(seed)));
  }
  return mean_of(all);
}

const Individual& MetaLearner::tournament(const std::vector<Individual>& from) {
  const Individual* best = nullptr;
  for (int i = 0; i < config_.tournament; ++i) {
    const auto& drawn = from[rng_.below(from.size())];
    if (best == nullptr || score(drawn.fitness) > score(best->fitness)) best = &drawn;
  }
  return *best;
}

Result<Generation> MetaLearner::step(const std::function<bool()>& wait) {
  Generation generation;
  generation.number = generation_;
  for (auto& individual : population_) {
    if (individual.measured) continue;
    if (generation.cpu_s >= config_.cpu_budget_s || (wait && !wait())) break;
    HINTD_TRY(individual.fitness, measure(individual.genome));
    individual.measured = true;
    generation.cpu_s += individual.fitness.cpu_s * config_.seeds;
  }
  std::stable_sort(population_.begin(), population_.end(), [](const auto& a, const auto& b) {
    return a.measured > b.measured ||
           (a.measured && b.measured && score(a.fitness) > score(b.fitness));
  });
  generation.population = population_;
  generation.front = pareto_front(population_);
  std::vector<Individual> parents;
  for (const auto& individual : population_)
    if (individual.measured) parents.push_back(individual);
  if (parents.empty()) return generation;
  best_ = parents.front().genome;

  std::vector<Individual> next(
      parents.begin(),
      parents.begin() +
          std::min<std::ptrdiff_t>(config_.elites, static_cast<std::ptrdiff_t>(parents.size())));
  while (static_cast<int>(next.size()) < config_.population) {
    const auto child = crossed(tournament(parents).genome, tournament(parents).genome, rng_);
    next.push_back({mutated(child, config_.mutation_rate, config_.mutation_sd, rng_), {}, false});
  }
  population_ = std::move(next);
  ++generation_;
  return generation;
}

Result<Comparison> MetaLearner::challenge() {
  const auto first = kChallengeSeeds + static_cast<std::uint64_t>(generation_) * 1000;
  HINTD_TRY(const auto comparison, compare(*replay_, decode(best_, base_), decode(champion_, base_),
                                           first, config_.champion_seeds));
  if (comparison.lower > 0) champion_ = best_;
  return comparison;
}

Status MetaLearner::save(const std::filesystem::path& path) const {
  json population = json::array();
  for (const auto& individual : population_) population.push_back(to_json(individual));
  const json content = {{"generation", generation_},
                        {"rng", rng_.state()},
                        {"population", population},
                        {"best", best_},
                        {"champion", champion_}};
  return replace_file(path, json{{"kind", kLineageKind},
                                 {"format", kLineageFormat},
                                 {"checksum", fingerprint_text(stable_hash(content.dump()))},
                                 {"content", content}}
                                    .dump(1) +
                                "\n");
}

Status MetaLearner::load(const std::filesystem::path& path) {
  HINTD_TRY(const auto text, read_file(path));
  try {
    const auto file = json::parse(text);
    const auto& content = file.at("content");
    if (file.at("kind") != kLineageKind || file.at("format") != kLineageFormat ||
        file.at("checksum") != fingerprint_text(stable_hash(content.dump())))
      throw std::invalid_argument("a checksum");
    std::vector<Individual> population;
    for (const auto& value : content.at("population")) population.push_back(individual_from(value));
    auto best = content.at("best").get<Genome>();
    auto champion = content.at("champion").get<Genome>();
    if (best.size() != genes().size() || champion.size() != genes().size() || population.empty())
      throw std::invalid_argument("other genes");
    rng_ = Rng::restore(content.at("rng").get<Rng::State>());
    generation_ = content.at("generation");
    population_ = std::move(population);
    best_ = std::move(best);
    champion_ = std::move(champion);
    return {};
  } catch (const std::exception&) {
    return fail(ErrorKind::kCorrupt, path.string() + " is not a usable checkpoint of the search",
                "move it away to start anew");
  }
}

}  // namespace hintd::learning
