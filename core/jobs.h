// Work that is due every so often on the calendar: level 1 hourly, level 2 daily, and the like. One
// job after the other, in the order they were added. Not thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/result.h"
#include "core/schedule.h"

namespace hintd {

class Jobs {
 public:
  using Work = std::function<Status()>;

  // Both must outlive it.
  Jobs(const Clock& clock, EventSink& events) : clock_(clock), events_(events) {}

  // First due one period after the first run_due().
  void every(Seconds period, std::string name, Work work);

  // Does what is due. A job that fails is told to telemetry ("job_failed") and the log, holds no
  // other one back, and is due again a period later.
  void run_due();

  // What a job that failed when it last ran said, the job's name before it; empty where none did.
  std::string trouble() const;

 private:
  struct Job {
    std::string name;
    Schedule schedule;
    Work work;
    std::string trouble;
  };

  const Clock& clock_;
  EventSink& events_;
  std::vector<Job> jobs_;
};

}  // namespace hintd
