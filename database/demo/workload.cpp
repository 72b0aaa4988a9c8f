#include "database/demo/workload.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace hintd::database::demo {
namespace {

Status check_config(const WorkloadConfig& config) {
  const auto out_of_range = [](std::string what, std::string remedy) {
    return fail(ErrorKind::kInvalidInput, "demo.workload." + std::move(what), std::move(remedy));
  };
  double sum = 0;
  for (std::size_t i = 0; i < kQueryClasses; ++i) {
    if (!(config.shares[i] >= 0)) {
      return out_of_range("shares of " + std::string(to_string(static_cast<QueryClass>(i))) +
                              " is " + std::to_string(config.shares[i]),
                          "set it to 0 or more");
    }
    sum += config.shares[i];
  }
  if (!(sum > 0)) return out_of_range("shares are all 0", "give one class a share");
  if (!(config.held_out_template_share >= 0 && config.held_out_template_share <= 0.5)) {
    return out_of_range(
        "held_out_template_share is " + std::to_string(config.held_out_template_share),
        "set it from 0 to 0.5");
  }
  if (config.training_literals < 1 || config.held_out_literals < 1) {
    return out_of_range("training_literals or held_out_literals is less than 1",
                        "set both to 1 or more");
  }
  return {};
}

// Which templates are held out: a systematic sample of the templates sorted by shape, at random
// within one, so that each shape gives its share.
std::vector<bool> held_out_templates(const std::vector<WorkloadTemplate>& templates,
                                     const WorkloadConfig& config) {
  std::vector<std::size_t> order(templates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng = Rng(config.seed).split("held-out templates");
  rng.shuffle(order);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return templates[a].shape < templates[b].shape;
  });
  std::vector<bool> held_out(templates.size());
  double due = rng.uniform();
  for (const std::size_t index : order) {
    due += config.held_out_template_share;
    if (due < 1) continue;
    held_out[index] = true;
    due -= 1;
  }
  return held_out;
}

struct WeightedTuple {
  std::vector<std::string> values;
  double weight = 0;  // rows that have it
};

// The distinct tuples of the columns named, in random order, a frequent one early; a row that lacks
// a value gives none.
Result<std::vector<WeightedTuple>> distinct_tuples(const LiteralRows& literals,
                                                   const std::vector<std::string>& names, Rng rng) {
  std::vector<std::size_t> columns;
  for (const auto& name : names) {
    const auto found = std::find(literals.columns.begin(), literals.columns.end(), name);
    if (found == literals.columns.end()) {
      return fail(ErrorKind::kInvalidInput, "no literals for the hole {" + name + "}");
    }
    columns.push_back(found - literals.columns.begin());
  }
  std::vector<std::size_t> order(literals.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  rng.shuffle(order);
  std::vector<WeightedTuple> tuples;
  std::map<std::vector<std::string>, std::size_t> position;
  for (const std::size_t index : order) {
    const auto& row = literals.rows[index];
    if (std::any_of(columns.begin(), columns.end(), [&](auto c) { return !row[c]; })) continue;
    std::vector<std::string> values;
    for (const std::size_t column : columns) values.push_back(*row[column]);
    const auto [known, is_new] = position.try_emplace(values, tuples.size());
    if (is_new) tuples.push_back({values, 0});
    tuples[known->second].weight += 1;
  }
  return tuples;
}

}  // namespace

Result<Workload> Workload::create(const std::string& dsn, const WorkloadConfig& config) {
  HINTD_TRY_STATUS(check_config(config));
  HINTD_TRY(const auto sources, read_literal_sources(dsn, config.seed));
  return from_literals(sources, config);
}

Result<Workload> Workload::from_literals(const LiteralSources& sources,
                                         const WorkloadConfig& config) {
  HINTD_TRY_STATUS(check_config(config));
  const auto& templates = workload_templates();
  const auto held_out = held_out_templates(templates, config);
  Workload workload;
  workload.shares_ = config.shares;
  workload.traffic_.resize(kQueryClasses);
  for (std::size_t i = 0; i < templates.size(); ++i) {
    const auto& literals = sources[static_cast<std::size_t>(templates[i].source)];
    HINTD_TRY(auto made, make_template(templates[i], literals, config));
    made.held_out = held_out[i];
    if (!made.held_out) workload.traffic_[static_cast<std::size_t>(made.query_class)].push_back(i);
    workload.templates_.push_back(std::move(made));
  }
  for (std::size_t i = 0; i < kQueryClasses; ++i) {
    // A class may lose all its templates to the held-out ones; the others share its traffic.
    if (workload.traffic_[i].empty()) workload.shares_[i] = 0;
  }
  return workload;
}

Result<Workload::Template> Workload::make_template(const WorkloadTemplate& source,
                                                   const LiteralRows& literals,
                                                   const WorkloadConfig& config) {
  const auto names = holes(source.sql);
  HINTD_TRY(const auto tuples,
            distinct_tuples(literals, names, Rng(config.seed).split(source.name)));
  const auto wanted = static_cast<std::size_t>(config.held_out_literals);
  if (tuples.size() <= wanted) {
    return fail(ErrorKind::kInvalidInput,
                "template " + std::string(source.name) + " has " + std::to_string(tuples.size()) +
                    " literal tuples, all wanted for evaluation",
                "lower demo.workload.held_out_literals or load a larger shop");
  }
  Template made;
  made.query_class = source.query_class;
  const std::size_t last = std::min(tuples.size(), wanted + config.training_literals);
  for (std::size_t i = 0; i < last; ++i) {
    WorkloadQuery query{std::string(source.name), source.query_class, source.shape,
                        filled(source.sql, names, tuples[i].values)};
    if (i < wanted) {
      made.evaluation.push_back(std::move(query));
    } else {
      made.training.push_back(std::move(query));
      made.weights.push_back(tuples[i].weight);
    }
  }
  return made;
}

const WorkloadQuery& Workload::draw(Rng& rng) const {
  const auto& candidates = traffic_[rng.weighted(shares_)];
  const auto& chosen = templates_[candidates[rng.below(candidates.size())]];
  return chosen.training[rng.weighted(chosen.weights)];
}

std::vector<WorkloadQuery> Workload::evaluation(Split split) const {
  std::vector<WorkloadQuery> queries;
  for (const auto& candidate : templates_) {
    if (candidate.held_out != (split == Split::kHeldOutTemplates)) continue;
    const auto& part = split == Split::kTraining ? candidate.training : candidate.evaluation;
    queries.insert(queries.end(), part.begin(), part.end());
  }
  return queries;
}

std::size_t Workload::held_out_template_count() const {
  return std::count_if(templates_.begin(), templates_.end(),
                       [](const Template& candidate) { return candidate.held_out; });
}

}  // namespace hintd::database::demo
