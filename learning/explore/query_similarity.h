// How alike two queries are, 0..1: a kernel from what is known before anything is run. Two queries
// are alike when the same arms give them the same plans (that says which operators matter to a
// query without looking at its text), when their defaults take about as long, and when the features
// of their default plans, where there are any, are close.
#pragma once

#include <cstdint>
#include <vector>

#include "learning/explore/exploration.h"

namespace hintd::learning {

struct SimilarityScales {
  // Of the share of differing signature bits: `spread` times what the `crowd`-th most alike query
  // differs by, in the mean, and within these bounds. A small workload has no twins; who is alike
  // there differs by more.
  double least_signature = 0.15;
  double most_signature = 0.5;
  double spread = 3;
  std::size_t crowd = 20;
  double log_latency = 1.5;  // difference of log default latencies
  double features = 1.0;     // root mean square difference of standardised features
  double twin = 0.97;        // of two different queries that agree in everything
};

class QuerySimilarity {
 public:
  QuerySimilarity(const ExplorationProblem& problem, SimilarityScales scales);

  double operator()(std::size_t a, std::size_t b) const;
  // The `count` queries most alike to `query`, itself left out, best first.
  std::vector<std::uint32_t> nearest(std::size_t query, std::size_t count) const;

 private:
  void read_signatures(const ExplorationProblem& problem);
  void read_features(const ExplorationProblem& problem);
  double signature_scale(const std::vector<float>& distances) const;

  SimilarityScales scales_;
  std::vector<std::uint32_t> signature_of_;  // number of the query's distinct signature
  std::size_t signatures_ = 0;
  std::vector<float> signature_similarity_;   // [signature][signature]
  std::vector<float> log_latency_;            // in units of the scale
  std::vector<std::vector<float>> features_;  // standardised, in units of the scale
};

}  // namespace hintd::learning
