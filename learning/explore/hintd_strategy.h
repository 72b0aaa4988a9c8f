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
  double refit_growth = 1.25;  // learn the arms anew when there is that much more evidence
  double lesson = 0.1;         // what a win here is worth for queries alike, as a share of theirs
  std::size_t told_at_once = 30;  // of the most alike queries, planned anew on good news
  // A plan of a kind that was never run near a query may be unlike what other plans let expect:
  // this is the chance, of which each run of its kind leaves 1 / (1 + surprise_fades x runs). One
  // that was stopped has it whole.
  double surprise = 0.05;
  double surprise_fades = 10;
  // Charges, of the default's total: beliefs of what was not run are wide before.
  double surprise_after = 0.1;
  double early_cap = 0.1;  // timeout / best at the start ...
  double cap_growth =
      5.0;  // ... and what charges of the default's total add: while beliefs are wild
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
  // That a plan not yet run to its end is unlike its belief.
  double chance_of_surprise(std::size_t query, std::size_t group) const;
  // What is believed of a plan's log seconds.
  TailedNormal belief(std::size_t query, std::size_t group) const;
  // Seconds that queries like this one take now, weighed by likeness, in units of its own.
  double stake(std::size_t query) const;
  double cap() const { return config_.early_cap + config_.cap_growth * charged_s_ / default_s_; }
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
  double default_s_ = 0;
  double charged_s_ = 0;
  std::size_t observed_ = 0;
  std::size_t refit_at_ = 20;
};

}  // namespace hintd::learning
