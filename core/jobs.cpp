#include "core/jobs.h"

#include "core/log.h"

namespace hintd {

void Jobs::every(Seconds period, std::string name, Work work) {
  jobs_.push_back({std::move(name), Schedule(period), std::move(work), {}});
}

void Jobs::run_due() {
  for (auto& [name, schedule, work, trouble] : jobs_) {
    if (!schedule.due(clock_.now())) continue;
    const auto done = work();
    trouble = done ? "" : name + ": " + done.error().message;
    if (done) continue;
    events_.record(SafetyEvent{clock_.now(), "job_failed", 0, trouble});
    log_warning("job_failed", {{"job", name}, {"error", done.error().text()}});
  }
}

std::string Jobs::trouble() const {
  for (const auto& job : jobs_)
    if (!job.trouble.empty()) return job.trouble;
  return {};
}

}  // namespace hintd
