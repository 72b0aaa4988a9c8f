#include <cstdio>

#include "app/commands.h"
#include "app/time_span.h"
#include "dashboard/report_html.h"
#include "telemetry/reader.h"
#include "telemetry/report_json.h"
#include "telemetry/report_text.h"

namespace hintd::app {
namespace {

std::filesystem::path telemetry_file(const CommonOptions& common, const ReportCommand& command) {
  const auto folder = command.out.empty() ? common.data_dir / "demo" : command.out;
  return folder / "telemetry.sqlite";
}

Result<telemetry::Report> read(const CommonOptions& common, const ReportCommand& command) {
  HINTD_TRY(auto reader, telemetry::Reader::open(telemetry_file(common, command)));
  if (command.since.empty()) return reader.read_report();
  HINTD_TRY(const auto span, parse_span("--since", command.since));
  return reader.read_report(span);
}

}  // namespace

int report(const CommonOptions& common, const ReportCommand& command) {
  const auto report = read(common, command);
  if (!report) return fail_with(report.error());
  const auto format = common.json ? std::string("json") : command.format;
  const auto text = format == "json"   ? telemetry::report_json(*report) + "\n"
                    : format == "html" ? dashboard::report_html(*report)
                                       : telemetry::report_text(*report);
  std::fputs(text.c_str(), stdout);
  return kExitDone;
}

int telemetry_summary(const CommonOptions& common, const ReportCommand& command) {
  const auto report = read(common, command);
  if (!report) return fail_with(report.error());
  std::fputs(
      (common.json ? telemetry::summary_json(*report) + "\n" : telemetry::summary_text(*report))
          .c_str(),
      stdout);
  return kExitDone;
}

}  // namespace hintd::app
