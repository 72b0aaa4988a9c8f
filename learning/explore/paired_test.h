// Whether a plan that looked faster is faster: pairs of runs, default and plan one right after the
// other, until the evidence is enough or would cost more than it can win. The statistic is the mean
// log ratio of the pairs; its variance is learned from all pairs of the workload, so that a clear
// winner needs two pairs and not the many that an estimate of its own variance would.
#pragma once

namespace hintd::learning {

enum class PairVerdict { kMorePairs, kFaster, kNotFaster };

struct PairedTestConfig {
  int least_pairs = 2;   // 1 or more
  int most_pairs = 16;   // least_pairs or more
  double margin = 0.05;  // a plan must save more than this part of the default's time, 0..1
  double z = 3;          // standard errors by which the mean must be below that, above 0
  // The pairs of a test may take as long as this many executions under the plan save.
  double pays_within = 40;
  // The default of a pair is stopped after this multiple of what the plan is known to take: by then
  // it has lost, however long it would go on. Above 1.
  double default_multiple = 4;
};

// The noise of a pair's log ratio: a guess at first, then the spread of pairs of one query.
class PairNoise {
 public:
  double variance() const { return squares_ / freedom_; }
  void learn(double squares, int freedom) {
    squares_ += squares;
    freedom_ += freedom;
  }

 private:
  double freedom_ = 10;
  double squares_ = 10 * 0.3 * 0.3;
};

// One query and plan. Not more than one verdict: after it the test is over.
class PairedTest {
 public:
  // Borrows the noise, which it reads while it runs and adds to when it ends.
  PairedTest(const PairedTestConfig& config, PairNoise& noise);

  // What the pairs take until the plan is confirmed if its ratio (plan / default) is this, in
  // executions of the default; infinity where that is too near to 1.
  double executions_left(double ratio) const;
  // Can a plan of this ratio, as explored, be confirmed for what it may cost?
  bool worth_starting(double ratio) const;
  // `stopped`: the default was stopped, and the ratio is at most this.
  PairVerdict add(double ratio, bool stopped);
  int pairs() const { return pairs_; }

 private:
  double variance() const;
  PairVerdict judge() const;

  const PairedTestConfig& config_;
  PairNoise& noise_;
  int pairs_ = 0;
  double sum_ = 0;
  double squares_ = 0;  // about the mean, of the pairs that ended
  int ended_ = 0;       // pairs without a stopped default
  double ended_sum_ = 0;
};

}  // namespace hintd::learning
