#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/server_side.h"
#include "database/postgres/examination.h"
#include "database/postgres/server_address.h"

namespace hintd::app {
namespace {

using database::Finding;
using database::Standing;
using nlohmann::json;

// Without --dsn what hintd serve would use.
Result<std::string> server_dsn(const CommonOptions& common) {
  if (!common.dsn.empty()) return common.dsn;
  HINTD_TRY(const auto settings, settings_for(common));
  if (settings.serve.dsn != "none") return settings.serve.dsn;
  return fail(ErrorKind::kInvalidInput, "no server is named", "name it with --dsn or serve.dsn");
}

Finding examine_disk(const std::filesystem::path& folder, double min_free_mb) {
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::absolute(folder).parent_path(), error);
  const double free_mb = error ? 0 : static_cast<double>(space.available) / 1e6;
  Finding finding{
      "disk",
      Standing::kGood,
      std::to_string(static_cast<std::int64_t>(free_mb)) + " MB free for " + folder.string(),
      {}};
  if (free_mb >= min_free_mb) return finding;
  finding.standing = Standing::kMissing;
  finding.cost = "exploring and learning rest below safety.min_free_disk_mb; free some space";
  return finding;
}

Result<std::vector<Finding>> examine(const CommonOptions& common) {
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto catalogue, catalogue_for(common, settings));
  HINTD_TRY(const auto dsn, server_dsn(common));
  HINTD_TRY(auto connection, database::Connection::open({dsn}));
  const SystemClock clock;
  HINTD_TRY(auto findings, database::examine(connection, catalogue, clock));
  findings.push_back(
      examine_disk(common.data_dir, static_cast<double>(settings.safety.min_free_disk_mb)));
  return findings;
}

void print(const std::vector<Finding>& findings, bool as_json) {
  if (as_json) {
    json rows = json::array();
    for (const auto& finding : findings)
      rows.push_back({{"what", finding.what},
                      {"standing", database::to_string(finding.standing)},
                      {"detail", finding.detail},
                      {"cost", finding.cost}});
    std::printf("%s\n", rows.dump(2).c_str());
    return;
  }
  for (const auto& finding : findings) {
    std::printf("%-8s %-20s %s\n", std::string(database::to_string(finding.standing)).c_str(),
                finding.what.c_str(), finding.detail.c_str());
    if (!finding.cost.empty()) std::printf("         it costs: %s\n", finding.cost.c_str());
  }
}

Result<int> make_role(const CommonOptions& common, InitRoleCommand command) {
  auto& role = command.role;
  if (role.database.empty() && common.dsn.empty())
    return fail(ErrorKind::kInvalidInput, "no database is named",
                "name it with --database or --dsn");
  if (role.database.empty()) {
    HINTD_TRY(const auto server, database::find_server(common.dsn));
    role.database = server.database;
  }
  HINTD_TRY(const auto sql, database::service_role_sql(role));
  if (!command.apply) {
    for (const auto& statement : sql) std::printf("%s;\n", statement.c_str());
    std::printf("-- then give it a password: \\password %s\n", role.name.c_str());
    return kExitDone;
  }
  if (common.dsn.empty())
    return fail(ErrorKind::kInvalidInput, "--apply needs a server", "name it with --dsn");
  HINTD_TRY_STATUS(database::apply_service_role(common.dsn, role));
  std::printf("role %s may connect to %s and read; give it a password: \\password %s\n",
              role.name.c_str(), role.database.c_str(), role.name.c_str());
  return kExitDone;
}

}  // namespace

int doctor(const CommonOptions& common) {
  const auto findings = examine(common);
  if (!findings) return fail_with(findings.error());
  print(*findings, common.json);
  for (const auto& finding : *findings)
    if (finding.standing == Standing::kBad) return kExitFailed;
  return kExitDone;
}

int init_role(const CommonOptions& common, const InitRoleCommand& command) {
  const auto status = make_role(common, command);
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
