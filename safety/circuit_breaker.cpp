#include "safety/circuit_breaker.h"

#include <algorithm>

#include "core/check.h"
#include "core/rng.h"

namespace hintd::safety {
namespace {

constexpr std::size_t kPlaces = 1 << 14;  // a power of two
constexpr std::size_t kProbes = 64;
constexpr std::uint64_t kFree = 0;
constexpr int kMostDoublings = 6;
constexpr std::uint64_t kEverywhere = 1;

// Odd for what stands for many pairs of template and arm, and so takes more failures to open.
std::uint64_t key_of(std::uint64_t what, std::uint64_t seed, bool wide) {
  const auto key = (hash_combine(seed, what) & ~std::uint64_t{1}) | std::uint64_t{wide};
  return key <= kEverywhere ? key + 2 : key;
}

}  // namespace

struct CircuitBreaker::Place {
  std::atomic<std::uint64_t> key{kFree};
  std::atomic<int> failures{0};  // in a row
  std::atomic<int> convictions{0};
  std::atomic<std::int64_t> open_until_us{0};
};

CircuitBreaker::CircuitBreaker(const SafetyConfig& config, const Clock& clock)
    : max_failures_(config.max_consecutive_failures),
      max_failures_everywhere_(config.max_failures_everywhere),
      cooldown_us_(std::chrono::ceil<std::chrono::microseconds>(config.cooldown).count()),
      clock_(clock),
      places_(std::make_unique<Place[]>(kPlaces)) {
  HINTD_CHECK(max_failures_ >= 1 && max_failures_everywhere_ >= 1,
              "a breaker that opens before anything failed");
}

CircuitBreaker::~CircuitBreaker() = default;

std::int64_t CircuitBreaker::now_us() const noexcept {
  return micros(clock_.now());
}

// The pair first: it is what fails most.
std::array<std::uint64_t, 4> CircuitBreaker::scopes_of(std::uint64_t fingerprint,
                                                       ArmId arm) const noexcept {
  return {key_of(arm, fingerprint, false), key_of(fingerprint, 0x7e3b1a7e, true),
          key_of(arm, 0xa53, true), kEverywhere};
}

int CircuitBreaker::most_failures(std::uint64_t key) const noexcept {
  return key % 2 == 0 ? max_failures_ : max_failures_everywhere_;
}

CircuitBreaker::Place* CircuitBreaker::find(std::uint64_t key, bool claim) const noexcept {
  for (std::size_t i = 0; i < kProbes; ++i) {
    auto& place = places_[(key / 2 + i) & (kPlaces - 1)];
    auto found = place.key.load(std::memory_order_acquire);
    if (found == kFree && !claim) return nullptr;
    if (found == kFree) place.key.compare_exchange_strong(found, key);
    // A lost race leaves the winner's key in `found`, and it may be ours.
    if (found == kFree || found == key) return &place;
  }
  return nullptr;
}

bool CircuitBreaker::open(std::uint64_t key) const noexcept {
  const auto* place = find(key, false);
  if (place == nullptr) return full_.load(std::memory_order_relaxed);
  return open(*place, key, now_us());
}

bool CircuitBreaker::open(const Place& place, std::uint64_t key,
                          std::int64_t now_us) const noexcept {
  if (place.failures.load(std::memory_order_acquire) < most_failures(key)) return false;
  return now_us < place.open_until_us.load(std::memory_order_acquire);
}

bool CircuitBreaker::allows(std::uint64_t fingerprint, ArmId arm) const noexcept {
  if (arm == kDefaultArm) return true;
  const auto all = scopes_of(fingerprint, arm);
  return std::none_of(all.begin(), all.end(), [this](auto key) { return open(key); });
}

bool CircuitBreaker::failed(std::uint64_t fingerprint, ArmId arm) noexcept {
  bool everywhere = false;
  for (const auto key : scopes_of(fingerprint, arm)) {
    auto* place = find(key, true);
    if (place == nullptr) {
      full_.store(true, std::memory_order_relaxed);
      continue;
    }
    place->open_until_us.store(now_us() + cooldown_us_, std::memory_order_release);
    const int failures = place->failures.fetch_add(1, std::memory_order_acq_rel) + 1;
    if (key == kEverywhere) everywhere = failures >= most_failures(key);
  }
  return everywhere;
}

void CircuitBreaker::succeeded(std::uint64_t fingerprint, ArmId arm) noexcept {
  for (const auto key : scopes_of(fingerprint, arm))
    if (auto* place = find(key, false)) place->failures.store(0, std::memory_order_release);
}

void CircuitBreaker::convicted(std::uint64_t fingerprint, ArmId arm) noexcept {
  auto* place = find(scopes_of(fingerprint, arm).front(), true);
  if (place == nullptr) return full_.store(true, std::memory_order_relaxed);
  const int before = place->convictions.fetch_add(1, std::memory_order_acq_rel);
  const auto cooldown = cooldown_us_ << std::min(before, kMostDoublings);
  place->open_until_us.store(now_us() + cooldown, std::memory_order_release);
  place->failures.store(max_failures_, std::memory_order_release);
}

std::int64_t CircuitBreaker::open_count() const noexcept {
  const auto now = now_us();
  std::int64_t count = 0;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const auto& place = places_[i];
    const auto key = place.key.load(std::memory_order_acquire);
    count += key != kFree && open(place, key, now);
  }
  return count;
}

std::vector<CircuitBreaker::ScopeState> CircuitBreaker::scopes() const {
  std::vector<ScopeState> all;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const auto& place = places_[i];
    const auto key = place.key.load(std::memory_order_acquire);
    if (key != kFree)
      all.push_back({key, place.failures.load(std::memory_order_acquire),
                     place.convictions.load(std::memory_order_acquire),
                     place.open_until_us.load(std::memory_order_acquire)});
  }
  return all;
}

void CircuitBreaker::restore(const ScopeState& scope) noexcept {
  auto* place = find(scope.key, true);
  if (place == nullptr) return full_.store(true, std::memory_order_relaxed);
  place->convictions.store(scope.convictions, std::memory_order_release);
  place->open_until_us.store(scope.open_until_us, std::memory_order_release);
  place->failures.store(scope.failures, std::memory_order_release);
}

void CircuitBreaker::close_everywhere() noexcept {
  if (auto* place = find(kEverywhere, false)) place->failures.store(0, std::memory_order_release);
}

}  // namespace hintd::safety
