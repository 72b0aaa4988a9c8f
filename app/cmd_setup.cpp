#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/demo_database.h"
#include "app/interrupt.h"
#include "app/output_folder.h"
#include "core/durable_file.h"
#include "database/demo/shop_setup.h"
#include "database/demo/workload.h"

namespace hintd::app {
namespace {

using database::demo::SetupSummary;
using database::demo::VerifyReport;

void print_rows(const std::map<std::string, std::int64_t>& rows) {
  for (const auto& [table, count] : rows)
    std::printf("  %-16s %12lld rows\n", table.c_str(), static_cast<long long>(count));
}

int print_verified(const VerifyReport& report, bool as_json) {
  if (as_json) {
    std::printf("%s\n", nlohmann::json{{"scale", report.recipe.scale},
                                       {"seed", report.recipe.seed},
                                       {"rows", report.rows},
                                       {"missing", report.missing},
                                       {"complete", report.complete()}}
                            .dump(2)
                            .c_str());
  } else {
    std::printf("shop of scale %g, seed %llu\n", report.recipe.scale,
                static_cast<unsigned long long>(report.recipe.seed));
    print_rows(report.rows);
    for (const auto& missing : report.missing) std::printf("missing: %s\n", missing.c_str());
    if (report.complete())
      std::puts("complete: rows, keys, indexes and statistics are as they should be");
  }
  return report.complete() ? kExitDone : kExitFailed;
}

void print_summary(const SetupSummary& summary, bool as_json) {
  if (as_json) {
    std::printf("%s\n", nlohmann::json{{"already_loaded", summary.already_loaded},
                                       {"rows", summary.rows},
                                       {"total_rows", summary.total_rows()},
                                       {"seconds", summary.took.count()}}
                            .dump(2)
                            .c_str());
    return;
  }
  print_rows(summary.rows);
  std::printf(summary.already_loaded ? "%lld rows, loaded before\n" : "%lld rows in %.1f s\n",
              static_cast<long long>(summary.total_rows()), summary.took.count());
}

// The demo's statements, a file a split. A template's name stands before each as a comment.
Status write_workload(const std::filesystem::path& folder, const std::string& dsn,
                      const database::demo::WorkloadConfig& config) {
  using database::demo::Split;
  HINTD_TRY_STATUS(make_output_folder(folder));
  HINTD_TRY(const auto workload, database::demo::Workload::create(dsn, config));
  const std::pair<Split, const char*> files[] = {{Split::kTraining, "seen.sql"},
                                                 {Split::kHeldOutLiterals, "new_literals.sql"},
                                                 {Split::kHeldOutTemplates, "unseen.sql"}};
  for (const auto& [split, name] : files) {
    std::string sql;
    for (const auto& query : workload.evaluation(split))
      sql += "-- " + query.template_name + "\n" + query.sql + ";\n\n";
    HINTD_TRY_STATUS(replace_file(folder / name, sql));
  }
  return {};
}

}  // namespace

int setup(const CommonOptions& common, const SetupCommand& command) {
  const auto settings = settings_for(common);
  if (!settings) return fail_with(settings.error());
  catch_interrupts();
  Progress progress(common.json);
  auto database = DemoDatabase::open(common.dsn, common.data_dir, progress);
  if (!database) return fail_with(database.error());
  if (command.verify) {
    const auto report = database::demo::verify_shop(database->dsn());
    return report ? print_verified(*report, common.json) : fail_with(report.error());
  }
  database::demo::SetupOptions options;
  options.recipe = settings->shop;
  options.replace = command.replace;
  options.stopping = interrupted;
  const auto summary = database::demo::setup_shop(database->dsn(), options,
                                                  [&](const std::string& phase, double fraction) {
                                                    progress.update(bar(fraction) + " " + phase);
                                                  });
  if (!summary) return fail_with(summary.error());
  if (!command.workload.empty())
    if (const auto written = write_workload(command.workload, database->dsn(), settings->workload);
        !written)
      return fail_with(written.error());
  print_summary(*summary, common.json);
  return kExitDone;
}

}  // namespace hintd::app
