#include "safety/circuit_breaker.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "samples.h"

namespace hintd::safety {
namespace {

class CircuitBreakerTest : public testing::Test {
 protected:
  static SafetyConfig config() {
    SafetyConfig config;
    config.max_consecutive_failures = 3;
    config.cooldown = Seconds{60};
    return config;
  }
  void fail_times(int times) {
    for (int i = 0; i < times; ++i) breaker_.failed(kTemplate, kArm);
  }
  void pass(Seconds time) {
    clock_.wait_until(clock_.now() + std::chrono::ceil<std::chrono::microseconds>(time));
  }

  SimulatedClock clock_{TimePoint{}};
  CircuitBreaker breaker_{config(), clock_};
};

TEST_F(CircuitBreakerTest, AllowsWhatNeverFailed) {
  EXPECT_TRUE(breaker_.allows(kTemplate, kArm));
}

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  fail_times(2);
  EXPECT_TRUE(breaker_.allows(kTemplate, kArm));
  fail_times(1);
  EXPECT_FALSE(breaker_.allows(kTemplate, kArm));
}

TEST_F(CircuitBreakerTest, ASuccessInBetweenStartsTheCountAnew) {
  fail_times(2);
  breaker_.succeeded(kTemplate, kArm);
  fail_times(2);
  EXPECT_TRUE(breaker_.allows(kTemplate, kArm));
}

TEST_F(CircuitBreakerTest, OtherTemplatesAndArmsAreUntouched) {
  fail_times(3);
  EXPECT_TRUE(breaker_.allows(kTemplate + 1, kArm));
  EXPECT_TRUE(breaker_.allows(kTemplate, kArm + 1));
}

TEST_F(CircuitBreakerTest, CountsWhatIsOpenUntilTheCoolDownIsOver) {
  fail_times(2);
  EXPECT_EQ(breaker_.open_count(), 0);
  fail_times(1);
  EXPECT_EQ(breaker_.open_count(), 1) << "the pair, not yet its template or its arm";
  breaker_.convicted(kTemplate + 1, kArm);
  EXPECT_EQ(breaker_.open_count(), 2);
  pass(Seconds{61});
  EXPECT_EQ(breaker_.open_count(), 0);
}

TEST_F(CircuitBreakerTest, TheDefaultIsAlwaysAllowed) {
  for (int i = 0; i < 5; ++i) breaker_.failed(kTemplate, kDefaultArm);
  EXPECT_TRUE(breaker_.allows(kTemplate, kDefaultArm));
}

TEST_F(CircuitBreakerTest, AfterTheCoolDownItGetsOneMoreChance) {
  fail_times(3);
  pass(Seconds{59});
  EXPECT_FALSE(breaker_.allows(kTemplate, kArm));
  pass(Seconds{1});
  EXPECT_TRUE(breaker_.allows(kTemplate, kArm));
  fail_times(1);
  EXPECT_FALSE(breaker_.allows(kTemplate, kArm)) << "one failure opens it again";
}

TEST_F(CircuitBreakerTest, ASuccessInThatChanceClosesIt) {
  fail_times(3);
  pass(Seconds{60});
  breaker_.succeeded(kTemplate, kArm);
  fail_times(2);
  EXPECT_TRUE(breaker_.allows(kTemplate, kArm));
}

TEST_F(CircuitBreakerTest, ATemplateThatFailsUnderDifferentArmsIsLeftAloneWhole) {
  for (ArmId arm = 1; arm <= 5; ++arm) breaker_.failed(kTemplate, arm);
  EXPECT_FALSE(breaker_.allows(kTemplate, 9));
}

TEST_F(CircuitBreakerTest, AnArmThatFailsForDifferentTemplatesIsLeftAloneWhole) {
  for (std::uint64_t i = 0; i < 4; ++i) {
    breaker_.failed(kTemplate + i, kArm);
    breaker_.succeeded(kTemplate + i, kArm + 1);
  }
  breaker_.failed(kTemplate + 4, kArm);
  breaker_.close_everywhere();
  EXPECT_FALSE(breaker_.allows(kTemplate + 9, kArm));
  EXPECT_TRUE(breaker_.allows(kTemplate + 9, kArm + 1));
}

TEST_F(CircuitBreakerTest, FailuresInARowWhereverTheyAreStopHintingUntilTheCoolDownIsOver) {
  for (ArmId i = 1; i <= 4; ++i) EXPECT_FALSE(breaker_.failed(kTemplate + i, i));
  EXPECT_TRUE(breaker_.failed(kTemplate + 5, 5));
  EXPECT_FALSE(breaker_.allows(kTemplate + 9, 9));
  pass(Seconds{60});
  EXPECT_TRUE(breaker_.allows(kTemplate + 9, 9));
}

TEST_F(CircuitBreakerTest, WhatIsFoundSlowerIsLeftAloneAtOnceAndLongerEachTime) {
  breaker_.convicted(kTemplate, kArm);
  EXPECT_FALSE(breaker_.allows(kTemplate, kArm));
  pass(Seconds{60});
  EXPECT_TRUE(breaker_.allows(kTemplate, kArm));
  breaker_.convicted(kTemplate, kArm);
  pass(Seconds{60});
  EXPECT_FALSE(breaker_.allows(kTemplate, kArm));
  pass(Seconds{60});
  EXPECT_TRUE(breaker_.allows(kTemplate, kArm));
}

TEST_F(CircuitBreakerTest, WhenItsTableIsFullItErrsOnTheSafeSide) {
  for (std::uint64_t i = 0; i < 40'000; ++i) breaker_.failed(i, kArm);
  EXPECT_FALSE(breaker_.allows(1'000'000, kArm)) << "a pair it could not keep in mind";
  EXPECT_TRUE(breaker_.allows(1'000'000, kDefaultArm));
}

TEST_F(CircuitBreakerTest, CountsFailuresOfSeveralThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (std::uint64_t t = 0; t < 500; ++t) {
        if (i < 3) breaker_.failed(t, kArm);
        breaker_.allows(t, kArm);
      }
    });
  for (auto& thread : threads) thread.join();
  for (std::uint64_t t = 0; t < 500; ++t) EXPECT_FALSE(breaker_.allows(t, kArm)) << t;
}

}  // namespace
}  // namespace hintd::safety
