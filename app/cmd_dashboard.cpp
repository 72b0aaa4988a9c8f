#include <csignal>

#include "app/commands.h"
#include "app/progress.h"
#include "dashboard/web_server.h"

namespace hintd::app {
namespace {

Status show(const CommonOptions& common, const DashboardCommand& command) {
  HINTD_TRY(const auto settings, settings_for(common));
  const auto folder = command.out.empty() ? common.data_dir / "demo" : command.out;
  // Kept from the server's threads, so that this one ends the program.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  HINTD_TRY(const auto server,
            dashboard::WebServer::start({settings.dashboard, folder / "telemetry.sqlite", folder},
                                        nullptr));
  Progress progress(common.json);
  progress.say("dashboard: " + server->address() + " (looked at only; Ctrl-C ends it)");
  int signal = 0;
  sigwait(&signals, &signal);
  return {};
}

}  // namespace

int dashboard_of(const CommonOptions& common, const DashboardCommand& command) {
  const auto shown = show(common, command);
  return shown ? kExitDone : fail_with(shown.error());
}

}  // namespace hintd::app
