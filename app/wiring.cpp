#include "app/wiring.h"

#include <cstdio>

#include "core/log.h"
#include "learning/policy/nearest_templates.h"

namespace hintd::app {

Result<AcceptedCatalogue> accepted_catalogue(const std::string& dsn,
                                             const HintCatalogue& catalogue) {
  HINTD_TRY(auto connection, database::Connection::open({dsn}));
  HINTD_TRY(auto server, database::read_server_settings(connection));
  HINTD_TRY(auto validated, database::validate_catalogue(connection, catalogue));
  for (const auto& refused : validated.refused) {
    std::fprintf(stderr, "hint set %s is left out: PostgreSQL says: %s\n", refused.name.c_str(),
                 refused.message.c_str());
    log_warning("hint_set_refused", {{"name", refused.name}, {"message", refused.message}});
  }
  return AcceptedCatalogue{std::move(validated.catalogue), std::move(server)};
}

std::vector<std::string> names_of(const HintCatalogue& catalogue) {
  std::vector<std::string> names;
  for (const auto& set : catalogue.sets()) names.push_back(set.name);
  return names;
}

Result<LearnedState> load_learned(const Learned& files, const config::Settings& settings,
                                  const HintCatalogue& catalogue) {
  HINTD_TRY(auto stored, learning::load_memory(files.memory, catalogue));
  HINTD_TRY(auto agent, learning::DqnAgent::load(files.agent, settings.agent, names_of(catalogue)));
  return LearnedState{std::move(stored), std::move(agent)};
}

Result<std::string> server_identity(const std::string& dsn) {
  HINTD_TRY(auto connection, database::Connection::open({dsn}));
  return database::read_server_identity(connection);
}

Result<std::unique_ptr<House>> House::build(Options options, Clock& clock, Clock& real_clock) {
  std::unique_ptr<House> house(new House(std::move(options)));
  auto& settings = house->options_.settings;
  settings.telemetry.path = house->options_.out / settings.telemetry.path.filename();
  HINTD_TRY(house->events, telemetry::EventWriter::open(settings.telemetry));
  HINTD_TRY(house->user_pg, database::PgExecutor::connect({house->options_.dsn}));
  HINTD_TRY(house->hedge_pg, database::PgExecutor::connect({house->options_.dsn}));
  HINTD_TRY(house->explorer_pg, database::PgExecutor::connect({house->options_.dsn}));
  HINTD_TRY(house->beside_pg, database::PgExecutor::connect({house->options_.dsn}));
  HINTD_TRY_STATUS(house->build_learning());

  house->supervisor = std::make_unique<safety::Supervisor>(settings.safety, clock, *house->events);
  house->user_executor =
      std::make_unique<safety::GuardedExecutor>(*house->user_pg, settings.safety, real_clock);
  house->hedge_executor =
      std::make_unique<safety::GuardedExecutor>(*house->hedge_pg, settings.safety, real_clock);
  house->hedge = std::make_unique<safety::Hedge>(*house->user_executor, *house->hedge_executor);
  house->explorer_executor =
      std::make_unique<safety::GuardedExecutor>(*house->explorer_pg, settings.safety, real_clock);
  house->beside_executor =
      std::make_unique<safety::GuardedExecutor>(*house->beside_pg, settings.safety, real_clock);
  HINTD_TRY(house->orders, TemplateOrders::open(house->options_.out / "orders.json",
                                                house->catalogue(), *house->supervisor));
  house->optimizer = std::make_unique<Optimizer>(Mode::kObserve, *house->orders);
  house->session = std::make_unique<Session>(SessionParts{
      house->catalogue(), *house->optimizer, *house->user_executor, *house->hedge, *house->events,
      clock, settings.safety, *house->supervisor, settings.rules.min_plan_latency_ms});
  house->explorer = std::make_unique<learning::LiveExplorer>(
      settings.explorer,
      learning::LiveExplorerParts{house->catalogue(), *house->explorer_executor,
                                  *house->beside_executor, *house->rules, settings.agent,
                                  *house->agent, house->memory, *house->events, clock});
  return house;
}

Status House::build_learning() {
  const auto& settings = options_.settings;
  rules = std::make_unique<learning::RuleLearner>(settings.rules);
  const Learned files(options_.out);
  if (options_.resume) {
    HINTD_TRY(auto learned, load_learned(files, settings, options_.catalogue));
    memory = std::move(learned.stored.memory);
    agent = std::make_unique<learning::DqnAgent>(std::move(learned.agent));
    return {};
  }
  HINTD_TRY(auto fresh, learning::DqnAgent::create(settings.agent, names_of(options_.catalogue),
                                                   Rng(settings.workload.seed).split("agent")));
  agent = std::make_unique<learning::DqnAgent>(std::move(fresh));
  return {};
}

Status House::save(std::uint32_t policy_version) const {
  const Learned files(options_.out);
  HINTD_TRY_STATUS(agent->save(files.agent));
  return learning::save_memory(files.memory, memory, policy_version, options_.catalogue);
}

std::shared_ptr<const Policy> House::make_policy(std::uint32_t version,
                                                 TemplateRules template_rules) const {
  orders->apply(template_rules);
  auto unseen = std::make_shared<learning::NearestTemplates>(
      options_.settings.unseen, static_cast<float>(options_.settings.agent.risk_bound), memory,
      agent->snapshot());
  return std::make_shared<MemoryPolicy>(version, std::move(template_rules), std::move(unseen));
}

}  // namespace hintd::app
