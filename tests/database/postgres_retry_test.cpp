#include <gtest/gtest.h>

#include <vector>

#include "database/postgres/retry.h"

namespace hintd::database {
namespace {

Result<int> away() {
  return fail(ErrorKind::kUnavailable, "away");
}

TEST(RetryTest, ASuccessIsNotRepeated) {
  SimulatedClock clock(TimePoint{});
  int calls = 0;
  const auto result = retry_until_available(clock, {}, [&]() -> Result<int> { return ++calls; });
  EXPECT_EQ(result, 1);
  EXPECT_EQ(clock.now(), TimePoint{});
}

TEST(RetryTest, WaitsTwiceAsLongEachTimeUpToTheLongest) {
  SimulatedClock clock(TimePoint{});
  std::vector<double> times;
  const BackOff back_off{Millis{100}, Millis{300}, Millis{1'000}};
  const auto result = retry_until_available(clock, back_off, [&] {
    times.push_back(Millis(clock.now().time_since_epoch()).count());
    return away();
  });
  EXPECT_FALSE(result);
  EXPECT_EQ(times, (std::vector<double>{0, 100, 300, 600, 900, 1000}));
}

TEST(RetryTest, GoesOnOnceTheServerIsBack) {
  SimulatedClock clock(TimePoint{});
  int calls = 0;
  const auto result =
      retry_until_available(clock, {}, [&] { return ++calls < 4 ? away() : Result<int>(calls); });
  EXPECT_EQ(result, 4);
}

TEST(RetryTest, AnotherErrorEndsItAtOnce) {
  SimulatedClock clock(TimePoint{});
  int calls = 0;
  const auto result = retry_until_available(clock, {}, [&]() -> Result<int> {
    ++calls;
    return fail(ErrorKind::kCancelled, "asked to stop");
  });
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace hintd::database
