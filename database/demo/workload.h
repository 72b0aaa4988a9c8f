// The demo's simulated traffic, and the queries it is judged by.
//
// A part of the templates is held out whole; of the others, some literal tuples are. No tuple of a
// template is in both the traffic and the evaluation.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/rng.h"
#include "database/demo/literal_rows.h"
#include "database/demo/workload_config.h"
#include "database/demo/workload_template.h"

namespace hintd::database::demo {

enum class Split {
  kTraining,          // what the traffic consists of
  kHeldOutLiterals,   // templates of the traffic, literals it never shows
  kHeldOutTemplates,  // templates that it never shows
};

struct WorkloadQuery {
  std::string template_name;
  QueryClass query_class = QueryClass::kSelectSimple;
  Shape shape = Shape::kHandsOff;
  std::string sql;
};

// Immutable, and the same for the same data and config.
class Workload {
 public:
  // Reads the literals from the loaded shop. Fails with kInvalidInput when a setting is out of
  // range, kUnavailable without a server, kNotFound when the shop is not loaded.
  static Result<Workload> create(const std::string& dsn, const WorkloadConfig& config);

  // The same from literals at hand. Fails with kInvalidInput also when a source has too few rows.
  static Result<Workload> from_literals(const LiteralSources& sources,
                                        const WorkloadConfig& config);

  // The next query of the traffic: a class by its share, any template of it, a literal tuple as
  // often as the data has it.
  const WorkloadQuery& draw(Rng& rng) const;

  // Every query of a split, in a fixed order.
  std::vector<WorkloadQuery> evaluation(Split split) const;

  std::size_t template_count() const { return templates_.size(); }
  std::size_t held_out_template_count() const;

 private:
  struct Template {
    QueryClass query_class = QueryClass::kSelectSimple;
    bool held_out = false;
    std::vector<WorkloadQuery> training;
    std::vector<double> weights;  // of the training queries
    std::vector<WorkloadQuery> evaluation;
  };

  static Result<Template> make_template(const WorkloadTemplate& source, const LiteralRows& literals,
                                        const WorkloadConfig& config);

  ClassShares shares_{};
  std::vector<Template> templates_;
  std::vector<std::vector<std::size_t>> traffic_;  // by class: indexes of templates not held out
};

}  // namespace hintd::database::demo
