#include "learning/agent/replay_buffer.h"

#include <algorithm>

#include "core/check.h"

namespace hintd::learning {
namespace {

std::pair<std::uint64_t, ArmId> key_of(const Experience& experience) {
  return {experience.transition.fingerprint, experience.transition.arm};
}

}  // namespace

ReplayBuffer::ReplayBuffer(std::size_t capacity) : capacity_(capacity) {
  HINTD_CHECK(capacity > 0, "a replay buffer that can hold nothing");
}

void ReplayBuffer::add(Experience experience) {
  if (size_ == capacity_) evict();
  const auto [entry, is_new] = stratum_of_.try_emplace(key_of(experience), strata_.size());
  if (is_new) strata_.emplace_back();
  strata_[entry->second].push_back(std::move(experience));
  ++size_;
}

std::vector<const Experience*> ReplayBuffer::sample(std::size_t n, Rng& rng) const {
  HINTD_CHECK(size_ > 0, "a draw from an empty replay buffer");
  std::vector<const Experience*> drawn(n);
  for (auto& experience : drawn) {
    const auto& stratum = strata_[rng.below(strata_.size())];
    experience = &stratum[rng.below(stratum.size())];
  }
  return drawn;
}

std::vector<Experience> ReplayBuffer::contents() const {
  std::vector<Experience> all;
  all.reserve(size_);
  for (const auto& stratum : strata_) all.insert(all.end(), stratum.begin(), stratum.end());
  return all;
}

void ReplayBuffer::evict() {
  const auto largest = std::ranges::max_element(strata_, {}, &std::deque<Experience>::size);
  --size_;
  const auto key = key_of(largest->front());
  largest->pop_front();
  if (!largest->empty()) return;

  const auto gone = static_cast<std::size_t>(largest - strata_.begin());
  strata_.erase(largest);
  stratum_of_.erase(key);
  for (auto& [other, stratum] : stratum_of_) stratum -= stratum > gone ? 1 : 0;
}

}  // namespace hintd::learning
