// Is a stream slower than a sample? One-sided sequential test of a shift in mean, valid however
// often one looks (Robbins, 1970: the method of mixtures; Johari et al., 2022: always valid
// inference).
//
// The effect, in standard deviations of the sample, has a half-normal prior with scale 1; the
// statistic is the Bayes factor of "slower" against "not slower" for the difference of the two
// means. The sample's own error is in its variance (1/n + 1/m), so a small sample makes the test
// patient instead of wrong, and a stream however long cannot convict by the sample's error.
//
// Half of a lifetime's chance of a false alarm goes to the whole stream, half is spread over blocks
// of kBlock observations, each a test of its own: block k may spend 6 / (pi k)^2 of it. So a small
// shift is found in the long run, and a stream that turns bad after a long good time is convicted
// almost as fast as a new one.
#pragma once

#include <cstdint>
#include <span>

namespace hintd::safety {

// What the default takes, on a scale on which one wild run weighs little: logarithms in robust
// standard deviations from the median, clipped to +-3 (Huber's psi).
class LatencyScale {
 public:
  static constexpr std::size_t kFewest = 5;

  // All that it is, for a file.
  struct State {
    double center = 0;  // log ms
    double spread = 1;  // log-ratio, above 0
    double mean = 0;
    double variance = 1;  // above 0
    double size = kFewest;
  };

  // `sample_ms` holds kFewest latencies or more, all above 0.
  explicit LatencyScale(std::span<const double> sample_ms);
  explicit LatencyScale(const State& state) : state_(state) {}

  double score(double latency_ms) const;
  double mean() const { return state_.mean; }          // of the sample's scores
  double variance() const { return state_.variance; }  // of one score, above 0
  double size() const { return state_.size; }          // of the sample
  // Latencies of this mean score over the sample's: a ratio of typical latencies.
  double ratio(double mean_score) const;
  const State& state() const { return state_; }

 private:
  State state_;
};

class ShiftTest {
 public:
  static constexpr int kBlock = 128;

  struct Sum {
    double scores = 0;
    std::int64_t runs = 0;
  };
  // All that it is but the chance of false alarms, for a file.
  struct State {
    LatencyScale::State scale;
    std::int64_t first_block = 1;
    std::int64_t block = 1;
    Sum in_block;
    Sum whole;
  };

  // `false_alarms`: the chance that a stream like the sample is ever called slower, in (0, 1).
  // `first_block` goes on where an earlier test of the same stream ended: what was spent is spent.
  ShiftTest(LatencyScale scale, double false_alarms, std::int64_t first_block = 1);

  // Goes on where the other one stood.
  ShiftTest(const State& state, double false_alarms);

  // One run of the stream. True when the evidence against it suffices.
  bool slower(double latency_ms);

  // The block's ratio of typical latencies, for people; needs a run.
  double ratio() const { return scale_.ratio(in_block_.scores / in_block_.runs); }
  std::int64_t runs() const { return whole_.runs; }
  std::int64_t block() const { return block_; }
  State state() const { return {scale_.state(), first_block_, block_, in_block_, whole_}; }

 private:
  double log_evidence(const Sum& sum) const;

  LatencyScale scale_;
  double false_alarms_;
  std::int64_t first_block_;
  std::int64_t block_;
  Sum in_block_;
  Sum whole_;
};

// The log Bayes factor of "slower" against "not slower" for a mean difference known with this
// variance, where an effect's own variance is `prior`.
double log_evidence_of_shift(double difference, double variance, double prior);

// The log evidence that number `block` (from 1) of a sequence of tests needs, so that all together
// have a chance of at most `false_alarms`.
double log_evidence_needed(double false_alarms, std::int64_t block);

// The log of the mean of values given by their logs: evidence of tests that are mixed evenly.
double log_of_mean(std::span<const double> logs);

}  // namespace hintd::safety
