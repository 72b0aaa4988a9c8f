// Random numbers, injected and the same on every machine: xoshiro256** (Blackman and Vigna, 2018)
// with our own distributions, because those of the standard library differ between implementations.
// Not thread-safe: one per owner; split() gives a child its own stream.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hintd {

class Rng {
 public:
  using result_type = std::uint64_t;

  explicit Rng(std::uint64_t seed);

  // An independent stream, named: the same parent seed and name give the same stream, however many
  // numbers the parent has given out.
  Rng split(std::string_view name) const;

  // All there is to know of a generator, for checkpoints: restore(r.state()) goes on as r would.
  using State = std::array<std::uint64_t, 5>;
  State state() const { return {seed_, state_[0], state_[1], state_[2], state_[3]}; }
  static Rng restore(const State& state);

  std::uint64_t next();
  // Uniform in [0, 1).
  double uniform();
  double uniform(double low, double high);
  // Uniform in [0, n); n > 0.
  std::uint64_t below(std::uint64_t n);
  // Uniform in [low, high], both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  bool chance(double probability);
  // Standard normal.
  double normal();
  // Index drawn in proportion to the weights (non-negative, not all zero).
  std::size_t weighted(std::span<const double> weights);

  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

  // So that it serves as a UniformRandomBitGenerator.
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() { return next(); }

 private:
  std::uint64_t seed_;
  std::uint64_t state_[4];
};

// Ranks 0..n-1 with probability proportional to 1/(rank+1)^exponent. Immutable; draws by binary
// search.
class ZipfDistribution {
 public:
  ZipfDistribution(std::size_t n, double exponent);
  std::size_t draw(Rng& rng) const;
  // P(rank).
  double probability(std::size_t rank) const;
  std::size_t size() const { return cumulative_.size(); }

 private:
  std::vector<double> cumulative_;
};

// 64-bit FNV-1a: stable across runs and machines, for names and fingerprints, not for secrets.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325ULL);
// Mixes a value into a hash.
std::uint64_t hash_combine(std::uint64_t hash, std::uint64_t value);

}  // namespace hintd
