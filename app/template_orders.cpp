#include "app/template_orders.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/durable_file.h"
#include "core/query_template.h"
#include "learning/policy/policy_file.h"

namespace hintd::app {
namespace {

using nlohmann::json;

constexpr const char* kOrdersKind = "hintd template orders";

TemplateOrder order_named(const std::string& name) {
  using enum TemplateOrder;
  for (const auto each : {kPinned, kBanned, kRolledBack})
    if (name == to_string(each)) return each;
  throw std::invalid_argument("an order");
}

// The arm a rule runs most statements under.
ArmId main_arm(const TemplateRule& rule) {
  if (rule.rest.arm != kDefaultArm) return rule.rest.arm;
  for (const auto& [key, choice] : rule.cases)
    if (choice.arm != kDefaultArm) return choice.arm;
  return kDefaultArm;
}

}  // namespace

Result<std::unique_ptr<TemplateOrders>> TemplateOrders::open(std::filesystem::path file,
                                                             const HintCatalogue& catalogue,
                                                             const Guard& inner) {
  std::unique_ptr<TemplateOrders> orders(new TemplateOrders(std::move(file), catalogue, inner));
  HINTD_TRY_STATUS(orders->read());
  return orders;
}

bool TemplateOrders::allows(std::uint64_t fingerprint, ArmId arm) const noexcept {
  if (!inner_.allows(fingerprint, arm)) return false;
  const auto* refusals = refusals_.load(std::memory_order_acquire);
  if (arm == kDefaultArm) return true;
  if (!hints_on()) return false;
  if (refusals == nullptr || refusals->empty()) return true;
  const auto found = refusals->find(fingerprint);
  return found == refusals->end() || (found->second != kDefaultArm && found->second != arm);
}

void TemplateOrders::apply(TemplateRules& rules) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [fingerprint, entry] : entries_)
    if (entry.order.order == TemplateOrder::kPinned) rules[fingerprint] = entry.pinned;
}

std::vector<OrderedTemplate> TemplateOrders::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<OrderedTemplate> all;
  for (const auto& [fingerprint, entry] : entries_) all.push_back(entry.order);
  return all;
}

Status TemplateOrders::order(std::uint64_t fingerprint, TemplateOrder order,
                             const TemplateRule* rule, const ChangeNote& note, TimePoint now) {
  const bool needs_rule = order == TemplateOrder::kPinned || order == TemplateOrder::kRolledBack;
  if (needs_rule && (rule == nullptr || !rule->steers()))
    return fail(ErrorKind::kConflict,
                "template " + fingerprint_text(fingerprint) +
                    " has no hint that could be kept or "
                    "taken back",
                "wait until one is verified, or ban the template");
  const std::lock_guard lock(mutex_);
  auto entries = entries_;
  if (order == TemplateOrder::kNone) {
    entries.erase(fingerprint);
  } else {
    Entry entry;
    entry.order = {fingerprint, order, {}, note, now};
    if (needs_rule) entry.order.arm = catalogue_[main_arm(*rule)].name;
    if (order == TemplateOrder::kPinned) entry.pinned = *rule;
    entries.insert_or_assign(fingerprint, std::move(entry));
  }
  HINTD_TRY_STATUS(write(entries));
  entries_ = std::move(entries);
  put_in_force();
  return {};
}

void TemplateOrders::put_in_force() {
  auto refusals = std::make_unique<Refusals>();
  for (const auto& [fingerprint, entry] : entries_) {
    if (entry.order.order == TemplateOrder::kBanned) refusals->emplace(fingerprint, kDefaultArm);
    if (entry.order.order != TemplateOrder::kRolledBack) continue;
    // An arm that the catalogue has lost cannot be chosen.
    if (const auto arm = catalogue_.find(entry.order.arm)) refusals->emplace(fingerprint, *arm);
  }
  refusals_.store(refusals.get(), std::memory_order_release);
  kept_.push_back(std::move(refusals));
}

Status TemplateOrders::write(const Entries& entries) const {
  auto list = json::array();
  learning::PolicyVersion pinned;
  for (const auto& [fingerprint, entry] : entries) {
    const auto& order = entry.order;
    list.push_back({{"template", fingerprint_text(fingerprint)},
                    {"order", to_string(order.order)},
                    {"arm", order.arm},
                    {"actor", order.note.actor},
                    {"why", order.note.why},
                    {"time_us", micros(order.time)}});
    if (order.order == TemplateOrder::kPinned) pinned.rules.emplace(fingerprint, entry.pinned);
  }
  const json content = {
      {"kind", kOrdersKind}, {"orders", list}, {"pinned", learning::to_text(pinned, catalogue_)}};
  return replace_file(file_, content.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

Status TemplateOrders::read() {
  if (!std::filesystem::exists(file_)) return {};
  HINTD_TRY(const auto text, read_file(file_));
  try {
    const auto content = json::parse(text);
    if (content.at("kind") != kOrdersKind) throw std::invalid_argument("a kind");
    HINTD_TRY(auto pinned, learning::policy_from(content.at("pinned").get<std::string>(),
                                                 catalogue_, file_.string()));
    for (const auto& line : content.at("orders")) {
      const auto fingerprint = fingerprint_from(line.at("template").get<std::string>()).value();
      Entry entry;
      entry.order = {fingerprint,
                     order_named(line.at("order")),
                     line.at("arm"),
                     {line.at("actor"), line.at("why")},
                     time_point(line.at("time_us").get<std::int64_t>())};
      if (entry.order.order == TemplateOrder::kPinned) entry.pinned = pinned.rules.at(fingerprint);
      entries_.emplace(fingerprint, std::move(entry));
    }
  } catch (const std::exception&) {
    return fail(ErrorKind::kCorrupt, file_.string() + " does not hold orders for templates",
                "restore it, or move it away to begin without orders");
  }
  put_in_force();
  return {};
}

}  // namespace hintd::app
