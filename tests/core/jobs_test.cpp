#include "core/jobs.h"

#include <gmock/gmock.h>

namespace hintd {
namespace {

using std::chrono::hours;

class Sink final : public EventSink {
 public:
  bool record(Event event) noexcept override {
    if (const auto* safety = std::get_if<SafetyEvent>(&event))
      told.push_back(safety->name + ": " + safety->detail);
    return true;
  }
  std::vector<std::string> told;
};

class JobsTest : public testing::Test {
 protected:
  void every(Seconds period, const std::string& name, Status result = {}) {
    jobs_.every(period, name, [this, name, result] {
      done_.push_back(name);
      return result;
    });
  }
  void pass(hours time) {
    clock_.wait_until(clock_.now() + time);
    jobs_.run_due();
  }

  SimulatedClock clock_{TimePoint{}};
  Sink sink_;
  Jobs jobs_{clock_, sink_};
  std::vector<std::string> done_;
};

TEST_F(JobsTest, EachIsDoneOnceAPeriodInTheOrderTheyWereAdded) {
  every(hours(24), "daily");
  every(hours(1), "hourly");
  jobs_.run_due();
  EXPECT_TRUE(done_.empty()) << "the first is due a period later";
  pass(hours(1));
  EXPECT_THAT(done_, testing::ElementsAre("hourly"));
  pass(hours(23));
  EXPECT_THAT(done_, testing::ElementsAre("hourly", "daily", "hourly"));
}

TEST_F(JobsTest, OneThatFailsHoldsNoOtherBackAndIsDueAgain) {
  every(hours(1), "failing", fail(ErrorKind::kUnavailable, "the server is away"));
  every(hours(1), "other");
  jobs_.run_due();
  pass(hours(1));
  pass(hours(1));
  EXPECT_THAT(done_, testing::ElementsAre("failing", "other", "failing", "other"));
  EXPECT_THAT(sink_.told, testing::Contains("job_failed: failing: the server is away").Times(2));
}

TEST_F(JobsTest, TheTroubleOfOneThatFailedLastsUntilItIsDone) {
  bool away = true;
  jobs_.every(hours(1), "learning", [&]() -> Status {
    if (away) return fail(ErrorKind::kUnavailable, "the server is away");
    return {};
  });
  jobs_.run_due();
  EXPECT_EQ(jobs_.trouble(), "");
  pass(hours(1));
  EXPECT_EQ(jobs_.trouble(), "learning: the server is away");
  away = false;
  pass(hours(1));
  EXPECT_EQ(jobs_.trouble(), "");
}

}  // namespace
}  // namespace hintd
