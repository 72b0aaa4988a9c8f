#include "service_setup.h"

#include <stdexcept>

#include "database/postgres/connection.h"
#include "database/postgres/server_settings.h"
#include "learning/policy/policy_store.h"
#include "program.h"

namespace hintd::test {
namespace {

// Fails the test that asked for it.
template <class T>
T needed(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

database::Connection connect(const std::string& dsn) {
  return needed(database::Connection::open({dsn, std::chrono::seconds(60), false}));
}

}  // namespace

std::string database_with_numbers(const std::string& name) {
  auto dsn = fresh_database(name);
  auto connection = connect(dsn);
  for (const auto* sql :
       {"DROP TABLE IF EXISTS numbers",
        "CREATE TABLE numbers AS SELECT generate_series(1, 60000) n", "ANALYZE numbers"})
    needed(connection.query(sql));
  return dsn;
}

void make_versions(const std::filesystem::path& data_dir, const std::string& dsn,
                   const std::array<TemplateRules, 2>& rules) {
  auto connection = connect(dsn);
  const auto server = needed(database::read_server_identity(connection));
  const auto catalogue = needed(HintCatalogue::create(
      {{"default", "", {}}, {"no_nestloop", "", {{"enable_nestloop", "off"}}}}));
  SystemClock clock;
  auto store = needed(learning::PolicyStore::open(data_dir / "policies", server, catalogue, clock));
  for (const auto& version_rules : rules) {
    learning::PolicyVersion version;
    version.rules = version_rules;
    const auto id = needed(store.add(version, "test"));
    needed(store.approve(id, "test", ""));
  }
  needed(store.deploy(1, "test", ""));
}

}  // namespace hintd::test
