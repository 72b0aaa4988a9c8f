// The house's own explorer: of all cells and timeouts, the trial with the most expected seconds won
// per expected second charged. Borrows the problem.
#pragma once

#include <vector>

#include "learning/explore/acquisition.h"
#include "learning/explore/calibration.h"
#include "learning/explore/posterior.h"

namespace hintd::learning {

struct HintdConfig {
  PosteriorConfig posterior;
  bool calibrate = true;
  double refit_growth = 1.4;      // learn the arms anew when there is that much more evidence
  std::size_t told_at_once = 30;  // of the most alike queries, planned anew on good news
  double retry_factor = 3.0;  // a stopped trial is run again with a timeout that many times as long
};

class HintdStrategy final : public Strategy {
 public:
  HintdStrategy(const ExplorationProblem& problem, Rng rng, HintdConfig config = {});
  std::optional<Trial> next() override;
  void begin(const Trial& trial) override { under_way_[trial.query] = true; }
  void observe(const Trial& trial, const Outcome& outcome) override;

 private:
  // The best trial of one query.
  struct Plan {
    double score = 0;
    Trial trial;
    bool stale = true;  // evidence has come in since
  };
  std::size_t most_promising() const;
  void plan(std::size_t query);
  void mark_stale(std::size_t query, bool good_news);
  void refit();

  const ExplorationProblem& problem_;
  HintdConfig config_;
  Evidence evidence_;
  Posterior posterior_;
  Calibration calibration_;
  std::vector<Plan> plans_;                     // by query
  std::vector<std::vector<Gaussian>> beliefs_;  // by query and group, as planned with
  std::vector<double> tie_break_;               // by query, 1 +- a little
  std::vector<bool> under_way_;                 // by query
  std::size_t observed_ = 0;
  std::size_t refit_at_ = 20;
};

}  // namespace hintd::learning
