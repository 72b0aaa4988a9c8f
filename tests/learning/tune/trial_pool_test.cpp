#include "learning/tune/trial_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

namespace hintd::learning {
namespace {

constexpr auto kLong = std::chrono::seconds(60);

// How many runs have begun, for runs that wait for each other.
class Begun {
 public:
  void one() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

// Ends a run once `together` of them have begun, or it is cancelled.
class WaitingExecutor final : public PlanExecutor {
 public:
  WaitingExecutor(Begun& begun, int together) : begun_(begun), together_(together) {}

  Result<Execution> run(std::string_view sql, const HintSet&, Millis timeout) override {
    begun_.one();
    if (together_ > 0 && !begun_.wait_for(together_)) return fail(ErrorKind::kInternal, "alone");
    if (together_ == 0 && !cancelled_.wait_for(1)) return fail(ErrorKind::kInternal, "no cancel");
    if (sql == "away") return fail(ErrorKind::kUnavailable, "no server");
    return Execution{timeout, true, 0, 0};
  }
  Result<Analysis> analyze(std::string_view, const HintSet&, Millis) override {
    return fail(ErrorKind::kInternal, "not asked for");
  }
  Result<PlanTree> explain(std::string_view, const HintSet&) override { return PlanTree{}; }
  Result<DatabaseState> database_state() override { return DatabaseState{}; }
  void cancel() noexcept override { cancelled_.one(); }

 private:
  Begun& begun_;
  int together_;
  Begun cancelled_;
};

const HintSet kHint{"one", "", {}};

PoolTrial trial(std::size_t query, std::string_view sql = "SELECT 1") {
  return {{query, 1, 1}, sql, &kHint, Millis(1 + static_cast<double>(query))};
}

TEST(TrialPoolTest, RunsSideBySideAndTellsWhichEndedHow) {
  Begun begun;
  WaitingExecutor first(begun, 2);
  WaitingExecutor second(begun, 2);
  TrialPool pool({&first, &second});
  pool.start(trial(0));
  EXPECT_TRUE(pool.has_room());
  pool.start(trial(1, "away"));
  EXPECT_FALSE(pool.has_room());
  std::set<std::size_t> ended;
  for (int i = 0; i < 2; ++i) {
    const auto [what, run] = pool.wait();
    ended.insert(what.trial.query);
    if (what.trial.query == 0) {
      ASSERT_TRUE(run) << run.error().text();
      EXPECT_EQ(run->latency, Millis(1));
    } else {
      EXPECT_EQ(run.error().kind, ErrorKind::kUnavailable);
    }
  }
  EXPECT_EQ(ended.size(), 2U);
  EXPECT_EQ(pool.under_way(), 0U);
}

TEST(TrialPoolTest, AConnectionServesOneTrialAfterTheOther) {
  Begun begun;
  WaitingExecutor only(begun, 1);
  TrialPool pool({&only});
  for (std::size_t query = 0; query < 3; ++query) {
    pool.start(trial(query));
    EXPECT_EQ(pool.wait().what.trial.query, query);
  }
}

TEST(TrialPoolTest, ItsEndCancelsWhatIsUnderWay) {
  Begun begun;
  WaitingExecutor endless(begun, 0);
  {
    TrialPool pool({&endless});
    pool.start(trial(0));
    ASSERT_TRUE(begun.wait_for(1));
  }
}

}  // namespace
}  // namespace hintd::learning
