#include "safety/circuit_breaker.h"

#include "core/check.h"
#include "core/rng.h"

namespace hintd::safety {
namespace {

constexpr std::size_t kPlaces = 1 << 14;  // a power of two
constexpr std::size_t kProbes = 64;
constexpr std::uint64_t kFree = 0;

std::uint64_t key_of(std::uint64_t fingerprint, ArmId arm) {
  const auto key = hash_combine(fingerprint, arm);
  return key == kFree ? 1 : key;
}

}  // namespace

struct CircuitBreaker::Place {
  std::atomic<std::uint64_t> key{kFree};
  std::atomic<int> failures{0};  // in a row
  std::atomic<std::int64_t> open_until_us{0};
};

CircuitBreaker::CircuitBreaker(const SafetyConfig& config, const Clock& clock)
    : max_failures_(config.max_consecutive_failures),
      cooldown_us_(std::chrono::ceil<std::chrono::microseconds>(config.cooldown).count()),
      clock_(clock),
      places_(std::make_unique<Place[]>(kPlaces)) {
  HINTD_CHECK(max_failures_ >= 1, "a breaker that opens before anything failed");
}

CircuitBreaker::~CircuitBreaker() = default;

std::int64_t CircuitBreaker::now_us() const noexcept {
  return clock_.now().time_since_epoch().count();
}

CircuitBreaker::Place* CircuitBreaker::find(std::uint64_t key, bool claim) const noexcept {
  for (std::size_t i = 0; i < kProbes; ++i) {
    auto& place = places_[(key + i) & (kPlaces - 1)];
    auto found = place.key.load(std::memory_order_acquire);
    if (found == kFree && !claim) return nullptr;
    if (found == kFree) place.key.compare_exchange_strong(found, key);
    // A lost race leaves the winner's key in `found`, and it may be ours.
    if (found == kFree || found == key) return &place;
  }
  return nullptr;
}

bool CircuitBreaker::allows(std::uint64_t fingerprint, ArmId arm) const noexcept {
  if (arm == kDefaultArm) return true;
  const auto* place = find(key_of(fingerprint, arm), false);
  if (place == nullptr) return !full_.load(std::memory_order_relaxed);
  if (place->failures.load(std::memory_order_acquire) < max_failures_) return true;
  return now_us() >= place->open_until_us.load(std::memory_order_acquire);
}

void CircuitBreaker::failed(std::uint64_t fingerprint, ArmId arm) noexcept {
  auto* place = find(key_of(fingerprint, arm), true);
  if (place == nullptr) return full_.store(true, std::memory_order_relaxed);
  place->open_until_us.store(now_us() + cooldown_us_, std::memory_order_release);
  place->failures.fetch_add(1, std::memory_order_acq_rel);
}

void CircuitBreaker::succeeded(std::uint64_t fingerprint, ArmId arm) noexcept {
  if (auto* place = find(key_of(fingerprint, arm), false))
    place->failures.store(0, std::memory_order_release);
}

}  // namespace hintd::safety
