#include "safety/plan_watch.h"

#include <gtest/gtest.h>

namespace hintd::safety {
namespace {

TEST(PlanWatchTest, TheFirstLookOnlyRemembers) {
  PlanWatch watch;
  EXPECT_FALSE(watch.planned(1, 10));
  EXPECT_FALSE(watch.planned(1, 10));
}

TEST(PlanWatchTest, AnotherPlanIsNoticedOnceWithTheOneBefore) {
  PlanWatch watch;
  watch.planned(1, 10);
  watch.planned(2, 10);
  EXPECT_EQ(watch.planned(1, 11), 10U);
  EXPECT_FALSE(watch.planned(1, 11));
  EXPECT_FALSE(watch.planned(2, 10));
}

}  // namespace
}  // namespace hintd::safety
