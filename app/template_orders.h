// What people ordered for single templates: banned, rolled back or pinned. Refusals work as a guard
// before the one it decorates, from the next decision on; a pin puts the rule it holds in place of
// what was learned, whenever a policy is made. Kept in a file, whole or not at all.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/operations.h"
#include "core/optimizer.h"

namespace hintd::app {

// allows() takes no lock; the rest is thread-safe behind one.
class TemplateOrders final : public Guard {
 public:
  // Reads the file, if there is one. Guard and catalogue must outlive it. kCorrupt for a file that
  // is none of ours.
  static Result<std::unique_ptr<TemplateOrders>> open(std::filesystem::path file,
                                                      const HintCatalogue& catalogue,
                                                      const Guard& inner);

  bool allows(std::uint64_t fingerprint, ArmId arm) const noexcept override;

  // The kill switch: off, every arm but the default is refused. On at the start.
  void switch_hints(bool on) { hints_on_.store(on, std::memory_order_release); }
  bool hints_on() const { return hints_on_.load(std::memory_order_acquire); }

  // Puts pinned rules in place.
  void apply(TemplateRules& rules) const;

  std::vector<OrderedTemplate> list() const;
  // `rule` is the one in force, null where there is none. Fails as Operations::order().
  Status order(std::uint64_t fingerprint, TemplateOrder order, const TemplateRule* rule,
               const ChangeNote& note, TimePoint now);

 private:
  struct Entry {
    OrderedTemplate order;
    TemplateRule pinned;  // of kPinned
  };
  using Entries = std::map<std::uint64_t, Entry>;
  // Refused arms by template; kDefaultArm stands for every arm.
  using Refusals = std::unordered_map<std::uint64_t, ArmId>;

  TemplateOrders(std::filesystem::path file, const HintCatalogue& catalogue, const Guard& inner)
      : file_(std::move(file)), catalogue_(catalogue), inner_(inner) {}
  Status read();
  Status write(const Entries& entries) const;
  void put_in_force();

  const std::filesystem::path file_;
  const HintCatalogue& catalogue_;
  const Guard& inner_;
  std::atomic<bool> hints_on_{true};
  mutable std::mutex mutex_;
  Entries entries_;
  std::atomic<const Refusals*> refusals_{nullptr};
  // A decision may still read an older one: people order seldom, so all are kept.
  std::vector<std::unique_ptr<const Refusals>> kept_;
};

}  // namespace hintd::app
