#include "core/clock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace hintd {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

TEST(SimulatedClockTest, StandsStillUntilTold) {
  const SimulatedClock clock(kStart);
  EXPECT_EQ(clock.now(), kStart);
  EXPECT_EQ(clock.now(), kStart);
}

TEST(SimulatedClockTest, WaitingMovesItForwardAtOnce) {
  SimulatedClock clock(kStart);
  clock.wait_until(kStart + 336h);
  EXPECT_EQ(clock.now(), kStart + 336h);
}

TEST(SimulatedClockTest, NeverGoesBack) {
  SimulatedClock clock(kStart);
  clock.wait_until(kStart + 1h);
  clock.wait_until(kStart);
  EXPECT_EQ(clock.now(), kStart + 1h);
}

TEST(SimulatedClockTest, EndsAtTheLatestOfManyWaits) {
  SimulatedClock clock(kStart);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&clock, t] {
      for (int i = 0; i < 1000; ++i) clock.wait_until(kStart + std::chrono::seconds(i * 4 + t));
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(clock.now(), kStart + std::chrono::seconds(3999));
}

TEST(SystemClockTest, TellsTheTimeAndDoesNotWaitForThePast) {
  SystemClock clock;
  const auto before = clock.now();
  clock.wait_until(before - 1h);
  EXPECT_GE(clock.now(), before);
  EXPECT_GT(before, kStart - 24h * 365);
}

TEST(StopwatchTest, NeverRunsBackwards) {
  const Stopwatch stopwatch;
  const auto first = stopwatch.elapsed();
  EXPECT_GE(first, Millis::zero());
  EXPECT_GE(stopwatch.elapsed(), first);
}

}  // namespace
}  // namespace hintd
