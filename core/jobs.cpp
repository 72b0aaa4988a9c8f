#include "core/jobs.h"

#include "core/log.h"

namespace hintd {

void Jobs::every(Seconds period, std::string name, Work work) {
  jobs_.push_back({std::move(name), Schedule(period), std::move(work)});
}

void Jobs::run_due() {
  for (auto& [name, schedule, work] : jobs_) {
    if (!schedule.due(clock_.now())) continue;
    const auto done = work();
    if (done) continue;
    events_.record(SafetyEvent{clock_.now(), "job_failed", 0, name + ": " + done.error().message});
    log_warning("job_failed", {{"job", name}, {"error", done.error().text()}});
  }
}

}  // namespace hintd
