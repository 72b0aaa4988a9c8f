#include "telemetry/query_cache.h"

#include <gtest/gtest.h>

#include <thread>

namespace hintd::telemetry {
namespace {

class QueryCacheTest : public testing::Test {
 protected:
  std::string ask(QueryCache& cache, const std::string& key, const std::string& answer = "rows") {
    return *cache.get(key, {"observations"}, [&]() -> Result<std::string> { return answer; });
  }
  SimulatedClock clock_{TimePoint{}};
};

TEST_F(QueryCacheTest, AnswersAgainWithoutAsking) {
  QueryCache cache({}, clock_);
  EXPECT_EQ(ask(cache, "q", "first"), "first");
  EXPECT_EQ(ask(cache, "q", "second"), "first");
  EXPECT_EQ(cache.counts().hits, 1);
  EXPECT_EQ(cache.counts().misses, 1);
}

TEST_F(QueryCacheTest, ForgetsWhatIsTooOld) {
  QueryCache cache({.ttl = std::chrono::milliseconds(1000)}, clock_);
  ask(cache, "q", "first");
  clock_.wait_until(TimePoint{} + std::chrono::milliseconds(999));
  EXPECT_EQ(ask(cache, "q", "second"), "first");
  clock_.wait_until(TimePoint{} + std::chrono::milliseconds(1000));
  EXPECT_EQ(ask(cache, "q", "second"), "second");
}

TEST_F(QueryCacheTest, ForgetsWhatWasReadFromAChangedTableAlone) {
  QueryCache cache({}, clock_);
  ask(cache, "q", "first");
  const auto policies = [&](const char* answer) {
    return *cache.get("p", {"policies"}, [&]() -> Result<std::string> { return answer; });
  };
  policies("old");
  cache.invalidate("observations");
  EXPECT_EQ(ask(cache, "q", "second"), "second");
  EXPECT_EQ(policies("new"), "old");
  EXPECT_EQ(cache.counts().invalidated, 1);
}

TEST_F(QueryCacheTest, AnAnswerThatAChangeOvertookIsNotKept) {
  QueryCache cache({}, clock_);
  const auto overtaken = cache.get("q", {"observations"}, [&]() -> Result<std::string> {
    cache.invalidate("observations");
    return "stale";
  });
  EXPECT_EQ(*overtaken, "stale");
  EXPECT_EQ(ask(cache, "q", "fresh"), "fresh");
}

TEST_F(QueryCacheTest, TheLeastRecentlyUsedMakesRoom) {
  QueryCache cache({.max_bytes = 25}, clock_);
  ask(cache, "a", "0123456789");
  ask(cache, "b", "0123456789");
  ask(cache, "a");
  ask(cache, "c", "0123456789");
  EXPECT_EQ(ask(cache, "a", "new"), "0123456789");
  EXPECT_EQ(cache.counts().evicted, 1);
  EXPECT_LE(cache.counts().bytes, 25U);
  EXPECT_EQ(ask(cache, "b", "new"), "new");
}

TEST_F(QueryCacheTest, FailuresAndWhatIsLargerThanTheCacheAreNotKept) {
  QueryCache cache({.max_bytes = 5}, clock_);
  EXPECT_EQ(ask(cache, "q", "too large"), "too large");
  EXPECT_EQ(ask(cache, "q", "again"), "again");
  EXPECT_EQ(cache.counts().bytes, 0U);
  const auto failed = cache.get(
      "f", {}, []() -> Result<std::string> { return fail(ErrorKind::kUnavailable, "locked"); });
  EXPECT_FALSE(failed.has_value());
  EXPECT_EQ(*cache.get("f", {}, []() -> Result<std::string> { return "ok"; }), "ok");
}

TEST_F(QueryCacheTest, ManyThreadsMayAskAtOnce) {
  QueryCache cache({.max_bytes = 200}, clock_);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const auto key = std::to_string(i % 17);
        EXPECT_EQ(ask(cache, key, "answer " + key), "answer " + key);
        if (i % 100 == t) cache.invalidate("observations");
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(cache.counts().hits + cache.counts().misses, 8000);
}

}  // namespace
}  // namespace hintd::telemetry
