// Where candidates are tried: a connection of its own, read-only, under a role of its own where one
// is set, every run under the deadlines that users' runs have.
#pragma once

#include <memory>
#include <string>

#include "database/postgres/pg_executor.h"
#include "learning/policy/policy_validator.h"
#include "safety/guarded_executor.h"

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
  PairSandbox(std::unique_ptr<database::PgExecutor> pg, const HintCatalogue& catalogue,
              const safety::SafetyConfig& config, const Clock& clock);

  std::unique_ptr<database::PgExecutor> pg_;
  safety::GuardedExecutor executor_;
  const HintCatalogue& catalogue_;
  const safety::SafetyConfig& config_;
};

}  // namespace hintd::app
