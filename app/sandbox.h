// Where candidates are tried: connections of its own, read-only, under a role of its own where one
// is set, every run under the deadlines that users' runs have.
#pragma once

#include <memory>
#include <string>

#include "database/postgres/pg_executor.h"
#include "learning/policy/policy_validator.h"
#include "safety/guarded_executor.h"
#include "safety/hedge.h"

namespace hintd::app {

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
