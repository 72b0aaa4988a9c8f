#include "learning/policy/forecast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/rng.h"

namespace hintd::learning {
namespace {

constexpr std::uint64_t kFirst = 7;
constexpr std::uint64_t kSecond = 8;
constexpr std::uint64_t kRoots = 6;
constexpr std::uint64_t kMonths = 8;
constexpr std::uint64_t kRoot = 100;   // values of roots from here on
constexpr std::uint64_t kMonth = 200;  // and of months

double root_factor(std::uint64_t root) {
  return std::pow(2.0, static_cast<double>(root));
}
double month_factor(std::uint64_t month) {
  return 1 + static_cast<double>(month);
}

void add(PlanMemory& memory, std::uint64_t fingerprint, const std::vector<std::uint64_t>& literals,
         double ms) {
  memory.statement(fingerprint, literals).observed_ms = ms;
}

// Heavy values multiply, and so they do in a template that has them the other way round, five
// times as slow. Each template is given its statements only where `known` says so.
template <class Known>
PlanMemory shop(Known known) {
  PlanMemory memory;
  for (std::uint64_t root = 0; root < kRoots; ++root)
    for (std::uint64_t month = 0; month < kMonths; ++month) {
      const double ms = root_factor(root) * month_factor(month);
      if (known(kFirst, root, month)) add(memory, kFirst, {kRoot + root, kMonth + month}, ms);
      if (known(kSecond, root, month)) add(memory, kSecond, {kMonth + month, kRoot + root}, 5 * ms);
    }
  return memory;
}

TEST(ForecastTest, EffectsOfValuesMultiply) {
  const auto forecasts = forecast_latencies(shop([](auto fingerprint, auto root, auto month) {
    return fingerprint == kFirst && (root + month) % 3 != 0;
  }));
  const auto& forecast = forecasts.at(kFirst).by_all;
  for (std::uint64_t root = 0; root < kRoots; ++root)
    for (std::uint64_t month = 0; month < kMonths; ++month)
      EXPECT_NEAR(forecast.log_ms_of(std::vector{kRoot + root, kMonth + month}),
                  std::log(root_factor(root) * month_factor(month)), 0.25)
          << root << " " << month;
}

TEST(ForecastTest, AValueThatATemplateNeverMetIsKnownFromOthers) {
  const auto forecasts = forecast_latencies(
      shop([](auto fingerprint, auto root, auto) { return fingerprint == kFirst || root < 4; }));
  const auto& forecast = forecasts.at(kSecond).by_all;
  const auto of = [&](std::uint64_t root) {
    return forecast.log_ms_of(std::vector{kMonth + 3, kRoot + root});
  };
  EXPECT_NEAR(of(3), std::log(5 * root_factor(3) * month_factor(3)), 0.25);
  EXPECT_GT(of(5), of(kRoots) + 0.5) << "a value that nobody met";
}

TEST(ForecastTest, WhatOneStatementAloneHoldsTellsNothing) {
  auto memory = shop([](auto, auto, auto) { return true; });
  add(memory, kFirst, {kRoot + 50, kMonth}, 100'000);
  const auto forecasts = forecast_latencies(memory);
  const auto& forecast = forecasts.at(kFirst).by_all;
  EXPECT_EQ(forecast.log_ms_of(std::vector{kRoot + 50, kMonth}),
            forecast.log_ms_of(std::vector{kRoot + 51, kMonth}));
}

TEST(ForecastTest, AStatementIsForecastByTheOthers) {
  const auto everything = [](auto, auto, auto) { return true; };
  auto memory = shop(everything);
  const std::vector<std::uint64_t> odd = {kRoot, kMonth};
  add(memory, kFirst, odd, 4000);
  const auto id = PlanMemory::id_of(kFirst, odd);
  const auto forecasts = forecast_latencies(memory);
  const auto& forecast = forecasts.at(kFirst);
  ASSERT_EQ(forecast.by_others.size(), kRoots * kMonths);
  EXPECT_LT(forecast.by_others.at(id), std::log(40.0)) << "its like take 1 to 8 ms";
  EXPECT_GT(forecast.by_all.log_ms_of(odd), forecast.by_others.at(id));
}

TEST(ForecastTest, NoiseIsNotTakenForEffects) {
  PlanMemory memory;
  Rng rng(1);
  for (std::uint64_t i = 0; i < 200; ++i)
    add(memory, kFirst, {kRoot + i % 10, kMonth + i / 20, 1000 + i},
        10 * std::exp(0.4 * rng.normal()));
  const auto forecasts = forecast_latencies(memory);
  for (const auto& effect : forecasts.at(kFirst).by_all.effects)
    EXPECT_LT(std::abs(effect.log_ratio), 0.3) << effect.literal << " " << effect.value;
}

TEST(ForecastTest, OfNothingThereIsNone) {
  EXPECT_TRUE(forecast_latencies({}).empty());
  PlanMemory memory;
  memory.statement(kFirst, {1, 2});
  EXPECT_TRUE(forecast_latencies(memory).empty()) << "its latency is not known";
  add(memory, kFirst, {}, 20);
  const auto forecasts = forecast_latencies(memory);
  EXPECT_NEAR(forecasts.at(kFirst).by_all.log_ms_of({}), std::log(20.0), 1e-6);
}

TEST(ForecastTest, EffectsAreSortedAndTheSameEachTime) {
  const auto memory = shop([](auto, auto root, auto month) { return (root * month) % 4 != 1; });
  const auto first = forecast_latencies(memory);
  const auto again = forecast_latencies(memory);
  for (const auto& [fingerprint, forecast] : first) {
    const auto& effects = forecast.by_all.effects;
    EXPECT_TRUE(std::is_sorted(effects.begin(), effects.end(), [](const auto& a, const auto& b) {
      return std::tie(a.literal, a.value) < std::tie(b.literal, b.value);
    }));
    EXPECT_EQ(forecast.by_others, again.at(fingerprint).by_others);
    ASSERT_EQ(effects.size(), again.at(fingerprint).by_all.effects.size());
    for (std::size_t i = 0; i < effects.size(); ++i)
      EXPECT_EQ(effects[i].log_ratio, again.at(fingerprint).by_all.effects[i].log_ratio);
  }
}

}  // namespace
}  // namespace hintd::learning
