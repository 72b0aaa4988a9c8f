// What arms do on the whole, and how their effects go together. Values are log(latency / default).
// Starts from the arms' meaning and from what they did elsewhere, and learns on the target: the
// mean of an arm and its slope over the log default latency by Bayesian ridge, the covariance of
// arms within a query by expectation-maximisation.
#pragma once

#include <memory>
#include <vector>

#include "learning/explore/censored_normal.h"
#include "learning/explore/exploration.h"

namespace hintd::learning {

// One measured cell: exact runs have a small variance, censored ones that of their site.
struct Observation {
  std::size_t query = 0;
  std::size_t group = 0;
  Gaussian value;
};

struct ArmModelConfig {
  double prior_mean = 0.3;      // of an untried plan: more often worse than better
  double prior_variance = 1.0;  // of log(latency / default) within a query, prior to evidence
  double mean_share = 0.7;      // of that variance again, for the arms' common effects
  double slope_share = 0.1;     // and for the slope over the log default latency
  double prior_queries = 50;    // what the prior covariance weighs, in queries
  bool use_meaning = true;      // of the arms, for the prior covariance
  bool use_effects = true;      // of other workloads, for the prior mean
  bool learn_covariance = true;
};

class ArmModel {
 public:
  ArmModel(const ExplorationProblem& problem, ArmModelConfig config);
  ~ArmModel();

  // Learns anew from the observations of each query.
  void refit(const std::vector<std::vector<Observation>>& by_query);

  // What it believes now of every arm.
  ArmEffects effects() const;
  // Before the query's own or its neighbours' evidence: mean, and variance of that mean.
  Gaussian mean(std::size_t query, std::size_t group) const;
  // A vector of length arms; the dot product of two is the covariance of two groups.
  const float* embedding(std::size_t query, std::size_t group) const;
  std::size_t arms() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Row-major covariance of arms from their meaning: a part all share, a part that fades with each
// differing feature, a part of each arm's own. Sums to 1 on the diagonal.
std::vector<double> prior_arm_covariance(const ExplorationProblem& problem, bool use_meaning);

}  // namespace hintd::learning
