#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/demo_database.h"
#include "app/interrupt.h"
#include "app/oracle.h"
#include "app/side_by_side.h"
#include "app/wiring.h"
#include "app/workload_source.h"
#include "core/template_cache.h"
#include "database/postgres/measured_on.h"
#include "learning/tune/policy_file.h"
#include "learning/tune/unseen_hints.h"
#include "telemetry/format.h"

namespace hintd::app {
namespace {

using nlohmann::json;

// How close what the policy knows is to a statement.
enum class Known { kStatement, kTemplate, kUnseen };
constexpr const char* kKnownNames[] = {
    "confirmed statements", "other statements of measured templates", "unseen templates"};

struct Measured {
  std::string name;
  std::uint64_t fingerprint = 0;
  Known known = Known::kUnseen;
  std::string hint;  // "default" where the policy has none
  double default_ms = 0;
  double tuned_ms = 0;
  double oracle_ms = 0;
  double ratio = 1;
  Interval interval;
  int pairs = 0;
  bool improved() const { return is_improved(ratio, interval); }
  bool regressed() const { return is_regressed(ratio, interval); }
};

// Runs a statement as the policy has it, end to end: finding the template and deciding count. For a
// template that it does not know it is planned once, in the run that warms the cache, to ask
// whether a hint may be extended.
class TunedSide {
 public:
  TunedSide(const TunedPolicy& policy, const learning::UnseenConfig& unseen, PlanExecutor& executor)
      : policy_(policy),
        unseen_(policy, unseen),
        min_cost_(unseen.min_plan_cost),
        executor_(executor) {}

  Result<Execution> run(const std::string& sql) {
    const Stopwatch deciding;
    HINTD_TRY(const auto* set, decide(sql));
    const auto took = deciding.elapsed();
    HINTD_TRY(auto execution, executor_.run(sql, set != nullptr ? *set : kDefault, kNoTimeout));
    execution.latency += took;
    return execution;
  }

  // Null: the default.
  Result<const HintSet*> decide(const std::string& sql) {
    HINTD_TRY(const auto parsed, templates_.get(sql));
    const auto fingerprint = parsed.query_template->fingerprint;
    if (policy_.knows(fingerprint)) return policy_.hint_for(fingerprint, parsed.literals);
    const auto [known, is_new] = extended_.try_emplace(fingerprint, nullptr);
    if (is_new) {
      HINTD_TRY(const auto plan, executor_.explain(sql, kDefault));
      if (plan.root.total_cost >= min_cost_)
        known->second =
            unseen_.advise(features_of(parsed.query_template->shape, plan, DatabaseState{}));
    }
    return known->second;
  }

 private:
  inline static const HintSet kDefault{"default", "", {}};
  const TunedPolicy& policy_;
  learning::UnseenHints unseen_;
  double min_cost_;
  PlanExecutor& executor_;
  TemplateCache templates_;
  std::map<std::uint64_t, const HintSet*> extended_;  // by template
};

Known known_of(const TunedPolicy& policy, const ParsedQuery& parsed) {
  const auto* whole = policy.find(parsed.query_template->fingerprint);
  if (whole == nullptr)
    return policy.knows(parsed.query_template->fingerprint) ? Known::kTemplate : Known::kUnseen;
  const bool measured =
      std::any_of(whole->statements.begin(), whole->statements.end(),
                  [&](const auto& one) { return one.literals == parsed.literals; });
  return measured ? Known::kStatement : Known::kTemplate;
}

class BenchLive {
 public:
  BenchLive(const BenchLiveCommand& command, const TunedPolicy& policy,
            const HintCatalogue& catalogue, const learning::UnseenConfig& unseen,
            PlanExecutor& executor)
      : command_(command),
        policy_(policy),
        executor_(executor),
        tuned_(policy, unseen, executor),
        catalogue_(catalogue),
        oracle_(catalogue, executor) {}

  Result<Measured> measure(const learning::TuneStatement& statement) {
    HINTD_TRY(const auto sides, run_pairs(statement.sql));
    Measured one;
    one.name = statement.name;
    one.fingerprint = statement.parsed.query_template->fingerprint;
    one.known = known_of(policy_, statement.parsed);
    HINTD_TRY(const auto* set, tuned_.decide(statement.sql));
    one.hint = set != nullptr ? set->name : catalogue_[kDefaultArm].name;
    one.default_ms = median(sides.default_ms);
    one.tuned_ms = median(sides.hinted_ms);
    one.ratio = one.tuned_ms / one.default_ms;
    one.interval = sides.ratio;
    one.pairs = static_cast<int>(sides.default_ms.size());
    one.oracle_ms = std::min(one.default_ms, one.tuned_ms);
    if (command_.oracle) {
      const auto arm = one.tuned_ms < one.default_ms ? catalogue_.find(one.hint) : kDefaultArm;
      HINTD_TRY(const auto best,
                oracle_.best_of(statement.sql, {arm.value_or(kDefaultArm), one.oracle_ms, 0}));
      one.oracle_ms = best.ms;
    }
    return one;
  }

 private:
  Result<SideBySide> run_pairs(const std::string& sql) {
    const HintSet& plain = catalogue_[kDefaultArm];
    HINTD_TRY_STATUS(executor_.run(sql, plain, kNoTimeout));  // warms the cache for both sides
    HINTD_TRY_STATUS(tuned_.run(sql));
    const auto latency_of = [](const Result<Execution>& run, const char* side) -> Result<Millis> {
      if (!run) return tl::unexpected(run.error());
      if (!run->timed_out) return run->latency;
      return fail(ErrorKind::kTimeout, "did not end in time under " + std::string(side));
    };
    return run_side_by_side(
        command_.pairs,
        [&] { return latency_of(executor_.run(sql, plain, kNoTimeout), "the default"); },
        [&] { return latency_of(tuned_.run(sql), "its hint"); }, rng_);
  }

  const BenchLiveCommand& command_;
  const TunedPolicy& policy_;
  PlanExecutor& executor_;
  TunedSide tuned_;
  const HintCatalogue& catalogue_;
  Oracle oracle_;
  Rng rng_{1};
};

json totals(const std::vector<Measured>& queries, bool oracle) {
  double default_ms = 0;
  double tuned_ms = 0;
  double oracle_ms = 0;
  double worst = 0;
  int improved = 0;
  int regressed = 0;
  std::vector<double> before;
  std::vector<double> after;
  for (const auto& one : queries) {
    default_ms += one.default_ms;
    tuned_ms += one.tuned_ms;
    oracle_ms += one.oracle_ms;
    worst = std::max(worst, one.ratio);
    improved += one.improved();
    regressed += one.regressed();
    before.push_back(one.default_ms);
    after.push_back(one.tuned_ms);
  }
  const auto n = std::max<double>(1, static_cast<double>(queries.size()));
  const auto tail = [](const std::vector<double>& ms) {
    return json{
        {"p50", quantile(ms, 0.5)}, {"p95", quantile(ms, 0.95)}, {"p99", quantile(ms, 0.99)}};
  };
  const double possible = default_ms - oracle_ms;
  return {
      {"queries", queries.size()},
      {"default_ms", default_ms},
      {"tuned_ms", tuned_ms},
      {"oracle_ms", oracle ? json(oracle_ms) : json()},
      {"gain_captured", oracle && possible > 0 ? json((default_ms - tuned_ms) / possible) : json()},
      {"improved_share", improved / n},
      {"regressed_share", regressed / n},
      {"worst_ratio", worst},
      {"default_latency_ms", tail(before)},
      {"tuned_latency_ms", tail(after)}};
}

json figures_of(const std::vector<Measured>& queries, bool oracle) {
  auto figures = totals(queries, oracle);
  json per_query = json::array();
  for (const auto& one : queries)
    per_query.push_back({{"name", one.name},
                         {"template", fingerprint_text(one.fingerprint)},
                         {"known", kKnownNames[static_cast<int>(one.known)]},
                         {"hint", one.hint},
                         {"default_ms", one.default_ms},
                         {"tuned_ms", one.tuned_ms},
                         {"oracle_ms", oracle ? json(one.oracle_ms) : json()},
                         {"ratio", one.ratio},
                         {"ci_low", one.interval.low},
                         {"ci_high", one.interval.high},
                         {"pairs", one.pairs}});
  figures["per_query"] = per_query;
  for (const auto known : {Known::kStatement, Known::kTemplate, Known::kUnseen}) {
    std::vector<Measured> part;
    std::copy_if(queries.begin(), queries.end(), std::back_inserter(part),
                 [&](const auto& one) { return one.known == known; });
    figures["by_evidence"][kKnownNames[static_cast<int>(known)]] = totals(part, oracle);
  }
  // A confirmed hint that is not faster on these fresh pairs.
  figures["confirmed"] = std::count_if(queries.begin(), queries.end(), [](const auto& one) {
    return one.known == Known::kStatement;
  });
  figures["confirmed_not_faster"] = std::count_if(
      queries.begin(), queries.end(),
      [](const auto& one) { return one.known == Known::kStatement && one.ratio >= 1; });
  return figures;
}

void print_examination(const json& figures) {
  const auto line = [](const std::string& name, const json& part) {
    if (part["queries"] == 0) return;
    const auto ms = [](const json& value) {
      return value.is_null() ? std::string("-") : telemetry::duration_text(value.get<double>());
    };
    std::printf("%-36s %4zu queries  %s -> %s (oracle %s, %s captured)  worst %.2fx\n",
                name.c_str(), part["queries"].get<std::size_t>(), ms(part["default_ms"]).c_str(),
                ms(part["tuned_ms"]).c_str(), ms(part["oracle_ms"]).c_str(),
                part["gain_captured"].is_null()
                    ? "-"
                    : telemetry::percent_text(part["gain_captured"].get<double>()).c_str(),
                part["worst_ratio"].get<double>());
  };
  line("all", figures);
  for (const auto& [name, part] : figures["by_evidence"].items()) line(name, part);
  std::printf(
      "faster by more than 10 %%: %s, slower: %s; confirmed and not faster now: %zu of %zu\n",
      telemetry::percent_text(figures["improved_share"].get<double>()).c_str(),
      telemetry::percent_text(figures["regressed_share"].get<double>()).c_str(),
      figures["confirmed_not_faster"].get<std::size_t>(), figures["confirmed"].get<std::size_t>());
  for (const auto& one : figures["left_out"])
    std::printf("left out: %s: %s\n", one["name"].get<std::string>().c_str(),
                one["reason"].get<std::string>().c_str());
  if (!figures["stale"].get<std::string>().empty())
    std::printf("the policy is stale: %s\n", figures["stale"].get<std::string>().c_str());
}

Status run_bench(const CommonOptions& common, const BenchLiveCommand& command) {
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto wanted, catalogue_for(common, settings));
  HINTD_TRY(const auto policy, learning::load_policy(command.policy));
  catch_interrupts();
  Progress progress(common.json);
  HINTD_TRY(auto database, DemoDatabase::open(common.dsn, common.data_dir, progress));
  HINTD_TRY(const auto workload, load_workload(command.workload, database.dsn()));
  HINTD_TRY(const auto accepted, accepted_catalogue(database.dsn(), wanted));
  HINTD_TRY(auto connection, database::Connection::open({database.dsn()}));
  HINTD_TRY(const auto now, database::read_measured_on(connection));
  const auto stale = policy.stale.empty() ? now.stale_reason(policy.measured_on) : policy.stale;
  if (!stale.empty()) progress.say("the policy is stale: " + stale);
  SystemClock clock;
  HINTD_TRY(auto pg, database::PgExecutor::connect({database.dsn()}));
  safety::GuardedExecutor executor(*pg, settings.safety, clock);
  BenchLive bench(command, policy, accepted.catalogue, settings.unseen, executor);

  std::vector<Measured> measured;
  json left_out = json::array();
  for (const auto& [name, reason] : workload.skipped)
    left_out.push_back({{"name", name}, {"reason", reason}});
  const auto& statements = workload.statements;
  for (std::size_t i = 0; i < statements.size() && !interrupted(); ++i) {
    progress.update(bar(static_cast<double>(i) / static_cast<double>(statements.size())) + " " +
                    std::to_string(i) + "/" + std::to_string(statements.size()) + " " +
                    statements[i].name);
    auto one = bench.measure(statements[i]);
    if (!one && one.error().kind == ErrorKind::kUnavailable)
      return tl::make_unexpected(one.error());
    if (one)
      measured.push_back(std::move(*one));
    else
      left_out.push_back({{"name", statements[i].name}, {"reason", one.error().message}});
  }
  if (measured.empty())
    return fail(ErrorKind::kQuery,
                "no statement could be measured: " + left_out.back()["reason"].get<std::string>(),
                "correct the statements");
  auto figures = figures_of(measured, command.oracle);
  figures["left_out"] = left_out;
  figures["stale"] = stale;
  figures["server_version"] = now.server_version;
  if (common.json)
    std::printf("%s\n", figures.dump(2, ' ', false, json::error_handler_t::replace).c_str());
  else
    print_examination(figures);
  if (interrupted()) return fail(ErrorKind::kCancelled, "interrupted", "run it again");
  return {};
}

}  // namespace

int bench_live(const CommonOptions& common, const BenchLiveCommand& command) {
  const auto status = run_bench(common, command);
  return status ? kExitDone : fail_with(status.error());
}

}  // namespace hintd::app
