#include "core/rng.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "core/check.h"

namespace hintd {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) : seed_(seed) {
  for (auto& word : state_) word = splitmix(seed);
}

Rng Rng::split(std::string_view name) const {
  return Rng(stable_hash(name, hash_combine(0xcbf29ce484222325ULL, seed_)));
}

Rng Rng::restore(const State& state) {
  Rng rng(state[0]);
  std::copy(state.begin() + 1, state.end(), rng.state_);
  return rng;
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::uniform() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

double Rng::uniform(double low, double high) {
  return low + (high - low) * uniform();
}

std::uint64_t Rng::below(std::uint64_t n) {
  HINTD_CHECK(n > 0, "a draw from nothing");
  // Lemire's multiply-shift with rejection: no modulo bias.
  std::uint64_t x = next();
  __uint128_t product = static_cast<__uint128_t>(x) * n;
  if (auto low = static_cast<std::uint64_t>(product); low < n) {
    const std::uint64_t threshold = (0 - n) % n;
    while (low < threshold) {
      x = next();
      product = static_cast<__uint128_t>(x) * n;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t Rng::between(std::int64_t low, std::int64_t high) {
  HINTD_CHECK(low <= high, "an empty interval");
  // Unsigned, because the width of an interval may exceed the signed type.
  const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const auto offset = width == max() ? next() : below(width + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

bool Rng::chance(double probability) {
  return uniform() < probability;
}

double Rng::normal() {
  // Box-Muller without the cached second value: one owner, one state, nothing hidden.
  const double u = 1.0 - uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * uniform());
}

std::size_t Rng::weighted(std::span<const double> weights) {
  double total = 0;
  for (const double w : weights) total += w;
  HINTD_CHECK(total > 0, "all weights are zero");
  double x = uniform() * total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    x -= weights[i];
    if (x < 0) return i;
  }
  return weights.size() - 1;
}

ZipfDistribution::ZipfDistribution(std::size_t n, double exponent) : cumulative_(n) {
  HINTD_CHECK(n > 0, "a distribution over nothing");
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    total += std::pow(static_cast<double>(i + 1), -exponent);
    cumulative_[i] = total;
  }
  for (auto& c : cumulative_) c /= total;
}

std::size_t ZipfDistribution::draw(Rng& rng) const {
  const auto it = std::upper_bound(cumulative_.begin(), cumulative_.end(), rng.uniform());
  return std::min<std::size_t>(it - cumulative_.begin(), cumulative_.size() - 1);
}

double ZipfDistribution::probability(std::size_t rank) const {
  return rank == 0 ? cumulative_[0] : cumulative_[rank] - cumulative_[rank - 1];
}

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::uint64_t hash_combine(std::uint64_t hash, std::uint64_t value) {
  std::uint64_t state = hash ^ (value + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2));
  return splitmix(state);
}

}  // namespace hintd
