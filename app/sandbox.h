// Where candidates are tried: connections of its own, read-only, under a role of its own where one
// is set, every run under the deadlines that users' runs have.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "database/postgres/pg_executor.h"
#include "learning/policy/policy_validator.h"
#include "safety/guarded_executor.h"
#include "safety/hedge.h"

namespace hintd::app {

// A sandbox whose work may be cut short: from then on the server is as good as away.
class StoppableSandbox final : public learning::Sandbox {
 public:
  // `stopping` may be empty: never.
  StoppableSandbox(learning::Sandbox& inner, std::function<bool()> stopping)
      : inner_(inner), stopping_(std::move(stopping)) {}

  Result<Execution> run(const learning::SampledStatement& statement,
                        const Decision& decision) override;
  Result<PlannedState> plan(const learning::SampledStatement& statement) override;

 private:
  Status check() const;
  learning::Sandbox& inner_;
  std::function<bool()> stopping_;
};

// The role for runs in the sandbox: the settings', and in the private cluster one that is made for
// it.
Result<std::string> sandbox_role_for(const learning::Level1Config& config, const std::string& dsn,
                                     bool is_private);

class PairSandbox final : public learning::Sandbox {
 public:
  // Connects; `role` kOwnRole: the DSN's own. All references must outlive it.
  static Result<std::unique_ptr<PairSandbox>> open(const std::string& dsn, const std::string& role,
                                                   const HintCatalogue& catalogue,
                                                   const safety::SafetyConfig& config,
                                                   const Clock& clock);

  Result<Execution> run(const learning::SampledStatement& statement,
                        const Decision& decision) override;
  Result<PlannedState> plan(const learning::SampledStatement& statement) override;
  // From any thread: ends what runs, if anything does.
  void cancel() noexcept;

 private:
  using Connected = std::unique_ptr<database::PgExecutor>;
  PairSandbox(Connected pg, Connected second_pg, const HintCatalogue& catalogue,
              const safety::SafetyConfig& config, const Clock& clock);

  Connected pg_;
  Connected second_pg_;  // of hedged runs
  safety::GuardedExecutor executor_;
  safety::GuardedExecutor second_executor_;
  safety::Hedge hedge_{executor_, second_executor_};
  const HintCatalogue& catalogue_;
  const safety::SafetyConfig& config_;
};

}  // namespace hintd::app
