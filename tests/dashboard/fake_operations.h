// A hintd that does nothing but remember what it was told.
#pragma once

#include <mutex>

#include "core/operations.h"

namespace hintd::test {

class FakeOperations final : public Operations {
 public:
  LiveStatus status() const override {
    const std::lock_guard lock(mutex_);
    LiveStatus status;
    status.mode = mode_;
    status.hints_on = hints_on_;
    status.policy_version = 3;
    status.gauges = {{"host_cpu_ratio", 0.5, 0.9}};
    return status;
  }
  Status set_mode(Mode mode, const ChangeNote& note) override {
    const std::lock_guard lock(mutex_);
    mode_ = mode;
    return remember(note, "mode");
  }
  Status switch_hints(bool on, const ChangeNote& note) override {
    const std::lock_guard lock(mutex_);
    hints_on_ = on;
    return remember(note, on ? "hints_on" : "hints_off");
  }
  Result<ReloadedSettings> reload_settings(const ChangeNote& note) override {
    const std::lock_guard lock(mutex_);
    HINTD_TRY_STATUS(remember(note, "reload"));
    return ReloadedSettings{{"log.level"}, {"proxy.listen"}};
  }
  std::vector<OrderedTemplate> orders() const override {
    const std::lock_guard lock(mutex_);
    return orders_;
  }
  Status order(std::uint64_t fingerprint, TemplateOrder order, const ChangeNote& note) override {
    const std::lock_guard lock(mutex_);
    orders_ = {{fingerprint, order, "", note, TimePoint{}}};
    return remember(note, std::string(to_string(order)));
  }
  Result<std::vector<PolicySummary>> policies() const override {
    PolicySummary policy;
    policy.id = 1;
    policy.state = "approved";
    policy.evidence = R"({"saved_lower": 0.1})";
    return std::vector{policy};
  }
  Result<std::string> policy_text(std::uint32_t id) const override {
    if (id == 1) return std::string(R"({"id": 1})");
    return fail(ErrorKind::kNotFound, "there is no policy", "look at the list");
  }
  Status decide_policy(std::string_view action, std::uint32_t, const ChangeNote& note) override {
    const std::lock_guard lock(mutex_);
    return remember(note, std::string(action));
  }
  Result<std::vector<AuditEntry>> audit(std::int64_t before, std::size_t limit) const override {
    const std::lock_guard lock(mutex_);
    std::vector<AuditEntry> page;
    for (auto entry = audit_.rbegin(); entry != audit_.rend() && page.size() < limit; ++entry)
      if (entry->line < before) page.push_back(*entry);
    return page;
  }
  Result<Explanation> explain(std::string_view) override {
    Explanation found;
    found.fingerprint = 1;
    found.normalized = "SELECT $1";
    found.arm = "default";
    found.reason = "no_winner";
    found.default_plan.root.type = "Result";
    found.default_plan.root.detail = "secret = 'literal'";
    found.arm_plan = found.default_plan;
    return found;
  }
  Result<Explanation> explain_template(std::uint64_t) override { return explain(""); }
  Result<std::uint32_t> start_tune(std::string_view, Seconds budget,
                                   const ChangeNote& note) override {
    const std::lock_guard lock(mutex_);
    const auto id = static_cast<std::uint32_t>(tunes_.size()) + 1;
    tunes_.insert(tunes_.begin(), {id, TimePoint{}, budget, 1, "running", "the 'literal'", note});
    HINTD_TRY_STATUS(remember(note, "tune_started"));
    return id;
  }
  Status stop_tune(std::uint32_t, const ChangeNote& note) override {
    const std::lock_guard lock(mutex_);
    return remember(note, "tune_stopped");
  }
  std::vector<TuneRun> tunes() const override {
    const std::lock_guard lock(mutex_);
    return tunes_;
  }
  Result<std::string> tune_report(std::uint32_t id) const override {
    if (id == 1)
      return std::string(
          R"({"outcome": "completed", "statements": 1, "confirmed": 0, "skipped": [],)"
          R"( "per_statement": [{"name": "q", "reason": "no such value 'secret'"}]})");
    return fail(ErrorKind::kNotFound, "there is no report", "wait");
  }
  Result<std::string> tune_policy(std::uint32_t id) const override { return policy_text(id); }
  std::vector<JobTimes> jobs() const override {
    return {{"telemetry_cleaning", Seconds(3600), std::nullopt, TimePoint{std::chrono::hours(1)}}};
  }
  std::vector<Gauge> server_gauges() override { return {{"postgresql_connections", 4, 100}}; }
  std::vector<std::string> log_tail(std::size_t) const override {
    return {"query_failed error=\"value 'secret' is bad\""};
  }
  std::string meta_json() const override { return {}; }
  std::string anchors_json() const override {
    return R"([{"name": "before", "until_us": 1767312000000000, "policy": 1, "templates": 8}])";
  }

 private:
  Status remember(const ChangeNote& note, const std::string& action) {
    audit_.push_back({static_cast<std::int64_t>(audit_.size()) + 1, TimePoint{}, note.actor, action,
                      "hintd", note.why});
    return {};
  }

  mutable std::mutex mutex_;
  Mode mode_ = Mode::kSteer;
  bool hints_on_ = true;
  std::vector<OrderedTemplate> orders_;
  std::vector<AuditEntry> audit_;
  std::vector<TuneRun> tunes_;
};

}  // namespace hintd::test
