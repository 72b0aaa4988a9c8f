// The transitions that training draws from. Stratified by (template, arm): a template run a
// thousand times must not drown one run twice, nor the favourite arm the others. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "core/rng.h"
#include "learning/agent/transition.h"

namespace hintd::learning {

struct Experience {
  Transition transition;
  std::uint16_t heads = 0;  // bit h: bootstrapped head h learns from it
};

class ReplayBuffer {
 public:
  // capacity > 0.
  explicit ReplayBuffer(std::size_t capacity);

  // When full, the oldest of the largest stratum goes.
  void add(Experience experience);

  std::size_t size() const { return size_; }
  std::size_t strata() const { return strata_.size(); }

  // n draws with replacement: a stratum uniformly, then one of its transitions. Valid until the
  // next add(). The buffer is not empty.
  std::vector<const Experience*> sample(std::size_t n, Rng& rng) const;

  // Everything, stratum by stratum; added in this order to an empty buffer it makes an equal one.
  std::vector<Experience> contents() const;

 private:
  using Key = std::pair<std::uint64_t, ArmId>;

  void evict();

  std::size_t capacity_;
  std::size_t size_ = 0;
  std::vector<std::deque<Experience>> strata_;  // in order of first sight, none empty
  std::map<Key, std::size_t> stratum_of_;
};

}  // namespace hintd::learning
