// Builds every object of a learning run and introduces them to each other: the only place that
// knows all.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/session.h"
#include "app/template_orders.h"
#include "config/settings.h"
#include "core/optimizer.h"
#include "core/plan_memory.h"
#include "database/postgres/pg_executor.h"
#include "database/postgres/server_settings.h"
#include "learning/agent/dqn_agent.h"
#include "learning/explore/live_explorer.h"
#include "learning/policy/memory_file.h"
#include "learning/policy/rule_learner.h"
#include "safety/guarded_executor.h"
#include "safety/hedge.h"
#include "safety/supervisor.h"
#include "telemetry/event_writer.h"

namespace hintd::app {

// What is put behind the name of a file or folder that cannot be used.
inline constexpr std::string_view kUnreadable = ".unreadable";

// What was learned, as files of a run's folder.
struct Learned {
  std::filesystem::path agent;
  std::filesystem::path memory;
  explicit Learned(const std::filesystem::path& folder)
      : agent(folder / "agent.ckpt"), memory(folder / "memory.ckpt") {}
};

struct LearnedState {
  learning::StoredMemory stored;
  learning::DqnAgent agent;
};
// Fails as load_memory and DqnAgent::load.
Result<LearnedState> load_learned(const Learned& files, const config::Settings& settings,
                                  const HintCatalogue& catalogue);

struct AcceptedCatalogue {
  HintCatalogue catalogue;
  database::ServerSettings server;
};

// The catalogue without what the server refuses; each refusal is said on stderr and logged.
Result<AcceptedCatalogue> accepted_catalogue(const std::string& dsn,
                                             const HintCatalogue& catalogue);

// Of the hint sets, by arm.
std::vector<std::string> names_of(const HintCatalogue& catalogue);

// database::read_server_identity over a connection of its own.
Result<std::string> server_identity(const std::string& dsn);

// Members in the order they need each other; none moves once built.
class House {
 public:
  struct Options {
    config::Settings settings;
    HintCatalogue catalogue;  // validated
    std::string dsn;
    std::filesystem::path out;
    bool resume = false;
  };
  // `clock` is the calendar's, which may be simulated. Fails as its parts do. Without resume it
  // starts from nothing, and what an earlier run learned in the folder is overwritten by save().
  static Result<std::unique_ptr<House>> build(Options options, Clock& clock, Clock& real_clock);

  // Keeps what was learned: agent and plan memory.
  Status save(std::uint32_t policy_version) const;
  // The policy of a version: the rules, and careful advice for templates that have none.
  std::shared_ptr<const Policy> make_policy(std::uint32_t version, TemplateRules rules) const;

  const config::Settings& settings() const { return options_.settings; }
  const HintCatalogue& catalogue() const { return options_.catalogue; }

  std::unique_ptr<telemetry::EventWriter> events;
  std::unique_ptr<database::PgExecutor> user_pg;      // users' statements
  std::unique_ptr<database::PgExecutor> hedge_pg;     // the other run of hedged statements
  std::unique_ptr<database::PgExecutor> explorer_pg;  // the explorer's
  std::unique_ptr<database::PgExecutor> beside_pg;    // what it runs beside that
  PlanMemory memory;
  std::unique_ptr<learning::DqnAgent> agent;
  std::unique_ptr<learning::RuleLearner> rules;
  std::unique_ptr<safety::Supervisor> supervisor;
  std::unique_ptr<TemplateOrders> orders;
  std::unique_ptr<safety::GuardedExecutor> user_executor;
  std::unique_ptr<safety::GuardedExecutor> hedge_executor;
  std::unique_ptr<safety::GuardedExecutor> explorer_executor;
  std::unique_ptr<safety::GuardedExecutor> beside_executor;
  std::unique_ptr<safety::Hedge> hedge;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<Session> session;
  std::unique_ptr<learning::LiveExplorer> explorer;

 private:
  explicit House(Options options) : options_(std::move(options)) {}
  Status build_learning();

  Options options_;
};

}  // namespace hintd::app
