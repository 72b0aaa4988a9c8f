#include "core/schedule.h"

#include <gtest/gtest.h>

namespace hintd {
namespace {

constexpr TimePoint kNoon{std::chrono::hours(12)};
using std::chrono::hours;
using std::chrono::minutes;

TEST(ScheduleTest, IsDueOncePerPeriod) {
  Schedule schedule{Seconds(3600)};
  EXPECT_FALSE(schedule.due(kNoon));
  EXPECT_FALSE(schedule.due(kNoon + minutes(59)));
  EXPECT_TRUE(schedule.due(kNoon + minutes(60)));
  EXPECT_FALSE(schedule.due(kNoon + minutes(61)));
  EXPECT_TRUE(schedule.due(kNoon + minutes(120)));
}

TEST(ScheduleTest, AJumpAheadMakesItDueOnce) {
  Schedule schedule{Seconds(3600)};
  schedule.due(kNoon);
  EXPECT_TRUE(schedule.due(kNoon + hours(9600)));
  EXPECT_FALSE(schedule.due(kNoon + hours(9600) + minutes(1)));
}

TEST(ScheduleTest, AJumpBackDelaysItByOnePeriodAtMost) {
  Schedule schedule{Seconds(3600)};
  schedule.due(kNoon);
  const auto back = kNoon - hours(16800);
  EXPECT_FALSE(schedule.due(back));
  EXPECT_TRUE(schedule.due(back + minutes(60)));
}

}  // namespace
}  // namespace hintd
