// Decides for every statement: mode, then guard, then the policy in force.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>

#include "core/policy.h"

namespace hintd {

// May a hint be used at all? Built in safety. Thread-safe; no lock, allocation or I/O.
class Guard {
 public:
  virtual ~Guard() = default;
  virtual bool allows(std::uint64_t fingerprint, ArmId arm) const noexcept = 0;
};

enum class Mode : std::uint8_t {
  kObserve,  // change nothing, recommend nothing
  kAdvise,   // recommend, change nothing
  kSteer,    // apply what is verified
};
std::string_view to_string(Mode mode);

// publish() and set_mode() from any thread; decide() through one Reader per thread.
class Optimizer {
 public:
  Optimizer(Mode mode, const Guard& guard);

  void set_mode(Mode mode) { mode_.store(mode, std::memory_order_release); }
  Mode mode() const { return mode_.load(std::memory_order_acquire); }

  // Puts the policy in force: every decision that begins afterwards uses it.
  void publish(std::shared_ptr<const Policy> policy);
  std::shared_ptr<const Policy> policy() const;  // null before the first publish

  // One thread's view. Keeps the policy it last used alive and looks for a new one with a single
  // atomic load, so that a decision takes no lock unless the policy has just changed.
  class Reader {
   public:
    explicit Reader(const Optimizer& optimizer) : optimizer_(optimizer) {}
    Decision decide(const DecisionRequest& request);

   private:
    const Optimizer& optimizer_;
    std::uint64_t generation_ = 0;
    std::shared_ptr<const Policy> policy_;
  };

 private:
  std::atomic<Mode> mode_;
  const Guard& guard_;
  std::atomic<std::uint64_t> generation_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<const Policy> policy_;  // shared with readers that still use an older one
};

}  // namespace hintd
