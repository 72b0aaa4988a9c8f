// What a policy's rules look like to the governance file.
#pragma once

#include <map>
#include <string>

#include "core/hint_set.h"
#include "core/plan_memory.h"
#include "core/policy.h"
#include "core/query_template.h"
#include "safety/governance.h"

namespace hintd::app {

// Holds rules against a spec: what the file says of a template under an arm, run as it would be.
class GovernanceDesk {
 public:
  // `texts`: normalized texts by fingerprint. The others must outlive it.
  GovernanceDesk(const safety::PolicySpec& spec, const HintCatalogue& catalogue,
                 const PlanMemory& memory, std::map<std::uint64_t, std::string> texts,
                 std::string role)
      : spec_(spec),
        catalogue_(catalogue),
        memory_(memory),
        texts_(std::move(texts)),
        role_(std::move(role)) {}

  // The text of a template that was not known yet.
  void know(const QueryTemplate& query_template) {
    texts_.try_emplace(query_template.fingerprint, query_template.normalized);
  }

  // `choice` is one of the rule's: what was measured counts where the rule makes that choice.
  safety::GovernanceVerdict check(std::uint64_t fingerprint, const TemplateRule& rule,
                                  const RunChoice& choice) const;
  // May policies be deployed now, in this mode?
  safety::GovernanceVerdict check_now(TimePoint now, const std::string& mode) const;

 private:
  const safety::PolicySpec& spec_;
  const HintCatalogue& catalogue_;
  const PlanMemory& memory_;
  std::map<std::uint64_t, std::string> texts_;
  std::string role_;
};

}  // namespace hintd::app
