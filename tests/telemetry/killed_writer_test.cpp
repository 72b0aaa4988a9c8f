// A writer that is killed with SIGKILL under load loses nothing that it acknowledged, and leaves a
// sound file. KILLS sets how often; each kill comes after another number of batches.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "core/rng.h"
#include "support.h"
#include "telemetry/maintenance.h"

namespace hintd::telemetry {
namespace {

constexpr int kBatch = 200;

class KilledWriterTest : public TelemetryTest {
 protected:
  // Says on the pipe, after each flush, how many events are stored.
  [[noreturn]] void write_until_killed(int pipe) {
    auto writer = EventWriter::open(config_);
    if (!writer) _exit(1);
    (*writer)->record(a_run());
    for (std::int64_t stored = 0;; stored += kBatch) {
      for (int i = 0; i < kBatch; ++i) (*writer)->record(a_query(i, 1));
      if (!(*writer)->flush()) _exit(1);
      const auto acknowledged = stored + kBatch;
      if (::write(pipe, &acknowledged, sizeof acknowledged) < 0) _exit(1);
    }
  }

  // Answers the last acknowledgement that came before the kill.
  std::int64_t run_and_kill(int batches, Millis wait) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      write_until_killed(ends[1]);
    }
    close(ends[1]);
    std::int64_t acknowledged = 0;
    for (int i = 0; i < batches; ++i)
      EXPECT_EQ(read_one(ends[0], acknowledged), true) << "the writer ended by itself";
    // Somewhere within the next batch.
    const Stopwatch watch;
    while (watch.elapsed() < wait) {
    }
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    while (read_one(ends[0], acknowledged)) {
    }
    close(ends[0]);
    return acknowledged;
  }

 private:
  static bool read_one(int pipe, std::int64_t& value) {
    return ::read(pipe, &value, sizeof value) == sizeof value;
  }
};

TEST_F(KilledWriterTest, LosesNothingAcknowledgedAndLeavesASoundFile) {
  const char* kills = std::getenv("KILLS");
  Rng rng(1);
  std::int64_t acknowledged = 0;
  for (int i = 0; i < (kills ? std::atoi(kills) : 5); ++i) {
    acknowledged += run_and_kill(static_cast<int>(1 + rng.below(20)), Millis(rng.uniform(0, 20)));
    auto maintenance = Maintenance::open(config_);
    ASSERT_TRUE(maintenance.has_value()) << maintenance.error().text();
    EXPECT_TRUE(maintenance->check()->empty());
    EXPECT_GE(maintenance->stats()->observations, acknowledged);
  }
}

}  // namespace
}  // namespace hintd::telemetry
