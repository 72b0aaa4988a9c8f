#include "app/workload_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "core/plan_memory.h"
#include "core/sql_script.h"
#include "database/postgres/connection.h"

namespace hintd::app {
namespace {

namespace fs = std::filesystem;

struct NamedStatement {
  std::string name;
  std::string sql;
};

// The file, the comment before the statement where that is one word, and a number where these do
// not tell statements apart.
std::vector<NamedStatement> named(const std::string& stem, std::vector<ScriptStatement> script) {
  std::vector<NamedStatement> statements;
  std::map<std::string, int> uses;
  for (auto& [sql, comment, line] : script) {
    const bool is_name = !comment.empty() && comment.find_first_of(" \t;'\"") == comment.npos;
    statements.push_back({is_name ? stem + "/" + comment : stem, std::move(sql)});
    ++uses[statements.back().name];
  }
  std::map<std::string, int> number;
  for (auto& [name, sql] : statements) {
    if (uses[name] < 2) continue;
    const int n = ++number[name];
    name += "/" + std::to_string(n);
  }
  return statements;
}

Result<std::vector<NamedStatement>> read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail(ErrorKind::kNotFound, file.string() + " cannot be read",
                "give a .sql file, a folder of them, or pg_stat_statements");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto split = split_script(text);
  if (!split)
    return fail(split.error().kind, file.string() + ", " + split.error().message,
                split.error().remedy);
  return named(file.stem().string(), std::move(*split));
}

Result<std::vector<NamedStatement>> read_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  if (error)
    return fail(ErrorKind::kNotFound, folder.string() + " cannot be read: " + error.message(),
                "allow hintd to read it");
  std::sort(files.begin(), files.end());
  std::vector<NamedStatement> statements;
  for (const auto& file : files) {
    HINTD_TRY(auto of_file, read_file(file));
    std::move(of_file.begin(), of_file.end(), std::back_inserter(statements));
  }
  return statements;
}

// The slowest in total first.
Result<std::vector<NamedStatement>> read_statistics(database::Connection& connection) {
  HINTD_TRY(const auto schema,
            connection.query("SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace "
                             "n ON n.oid = e.extnamespace WHERE extname = 'pg_stat_statements'"));
  if (schema.empty())
    return fail(ErrorKind::kNotFound, "pg_stat_statements is not installed in this database",
                "CREATE EXTENSION pg_stat_statements, or give a .sql file");
  HINTD_TRY(const auto rows,
            connection.query("SELECT queryid, query FROM " + schema[0][0].value_or("") +
                             ".pg_stat_statements WHERE toplevel AND query IS NOT NULL AND dbid = "
                             "(SELECT oid FROM pg_database WHERE datname = current_database()) "
                             "ORDER BY total_exec_time DESC LIMIT 1000"));
  std::vector<NamedStatement> statements;
  for (const auto& row : rows)
    statements.push_back({"queryid " + row[0].value_or("?"), row[1].value_or("")});
  return statements;
}

Result<std::vector<NamedStatement>> read_source(const std::string& source,
                                                database::Connection& connection) {
  if (source == kStatementStatistics) return read_statistics(connection);
  if (fs::is_directory(source)) return read_folder(source);
  return read_file(source);
}

Result<std::set<std::string>> volatile_functions(database::Connection& connection) {
  HINTD_TRY(const auto rows, connection.query("SELECT DISTINCT proname FROM pg_proc WHERE "
                                              "provolatile = 'v' AND prokind IN ('f', 'p')"));
  std::set<std::string> names;
  for (const auto& row : rows) names.insert(row[0].value_or(""));
  return names;
}

// Why the statement may not be run; empty where it may.
std::string objection(const std::string& sql, const ParsedQuery& parsed,
                      const std::set<std::string>& volatile_names) {
  if (parsed.query_template->kind != StatementKind::kReadOnlySelect)
    return "not one read-only SELECT";
  for (const auto& name : called_names(sql))
    if (volatile_names.contains(name))
      return "calls " + name + "(), which is volatile: it may write, wait, or answer differently";
  if (has_parameters(sql)) return "its literals are not known, only their places ($1)";
  return {};
}

}  // namespace

Result<LoadedWorkload> load_workload(const std::string& source, const std::string& dsn) {
  HINTD_TRY(auto connection, database::Connection::open({dsn}));
  HINTD_TRY(const auto statements, read_source(source, connection));
  if (statements.empty())
    return fail(ErrorKind::kInvalidInput, source + " holds no statement",
                "give SELECT statements, each ended by ';'");
  HINTD_TRY(const auto volatile_names, volatile_functions(connection));
  LoadedWorkload workload;
  std::set<PlanMemory::StatementId> seen;
  for (const auto& [name, sql] : statements) {
    auto parsed = parse_query(sql);
    if (!parsed) {
      workload.skipped.push_back({name, parsed.error().message});
      continue;
    }
    if (auto why = objection(sql, *parsed, volatile_names); !why.empty()) {
      workload.skipped.push_back({name, std::move(why)});
      continue;
    }
    const auto id = PlanMemory::id_of(parsed->query_template->fingerprint, parsed->literals);
    if (!seen.insert(id).second) {
      workload.skipped.push_back({name, "the same statement as one before"});
      continue;
    }
    workload.statements.push_back({name, sql, std::move(*parsed)});
  }
  if (workload.statements.empty())
    return fail(ErrorKind::kInvalidInput,
                "none of the " + std::to_string(statements.size()) + " statements of " + source +
                    " can be run: the first is skipped because: " + workload.skipped[0].reason,
                source == kStatementStatistics
                    ? "give a .sql file of statements as they were sent, e.g. from the log"
                    : "give read-only SELECTs");
  return workload;
}

}  // namespace hintd::app
