// What is believed of every cell: log(latency / default latency) as a local Gaussian process. The
// covariance of two cells is (similarity of their queries) x (covariance of their plan groups);
// a query is predicted from its own observations and those of the queries most like it. Censored
// runs are evidence, as sites that are matched anew whenever the query is predicted.
#pragma once

#include <memory>
#include <vector>

#include "learning/explore/arm_model.h"
#include "learning/explore/evidence.h"
#include "learning/explore/query_similarity.h"

namespace hintd::learning {

struct PosteriorConfig {
  SimilarityScales scales;
  ArmModelConfig arms;
  std::size_t neighbours = 200;  // queries considered
  std::size_t points = 64;       // observations used for one query
  double least_similarity = 0.05;
  bool learn_from_stopped = true;  // censored runs are evidence for other cells
  double noise_sd = 0.05;          // of one measurement, in log seconds
};

struct Neighbour {
  std::uint32_t query = 0;
  float similarity = 0;
};

class Posterior {
 public:
  Posterior(const ExplorationProblem& problem, PosteriorConfig config);

  // Takes in the cell's new state; the belief it ended is the prior of a censored run's site.
  void observe(std::size_t query, std::size_t group, const Cell& cell, const Gaussian& belief);
  // One belief per group of the query, over log(latency / default). For a censored cell it leaves
  // that cell's own bound out.
  std::vector<Gaussian> predict(std::size_t query);
  // Learns the arms anew; every prediction may change.
  void refit();

  // The share of its prior variance that a belief of this cell still has, 0..1.
  double open_share(std::size_t query, std::size_t group, const Gaussian& belief) const;
  // Runs of plans of its kind, that is, of plans that share an arm with it: on this query, and on
  // those alike the part of its variance that their runs explain, likeness squared.
  double runs_alike(std::size_t query, std::size_t group) const {
    return runs_alike_[query][group];
  }
  // Queries whose prediction uses observations of this one, the most alike first.
  const std::vector<Neighbour>& used_by(std::size_t query) const { return used_by_[query]; }

 private:
  struct Point {
    Observation observation;
    bool censored = false;
    double bound = 0;  // log ratio
  };
  struct Local;

  Local gather(std::size_t query) const;
  void count_alike(std::size_t query, std::size_t group);
  void match_sites(std::size_t query, std::vector<Gaussian>& beliefs);

  const ExplorationProblem& problem_;
  PosteriorConfig config_;
  QuerySimilarity similarity_;
  ArmModel arms_;
  std::vector<std::vector<Point>> points_;  // by query
  std::vector<std::vector<std::uint32_t>> neighbours_;
  std::vector<std::vector<Neighbour>> used_by_;
  std::vector<std::vector<std::uint32_t>> group_of_;  // by query and arm
  std::vector<std::vector<double>> runs_alike_;       // by query and group
};

}  // namespace hintd::learning
