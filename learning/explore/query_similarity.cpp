#include "learning/explore/query_similarity.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

namespace hintd::learning {
namespace {

using Bits = std::vector<std::uint64_t>;

// Pairs of arms that give every query, or no query, the same plan tell queries apart badly.
constexpr double kRarest = 0.01;

// For every pair of arms: do they give the query one plan?
std::vector<bool> pair_bits(const ExplorableQuery& query, std::size_t arms) {
  const auto group_of = groups_by_arm(query, arms);
  std::vector<bool> bits;
  bits.reserve(arms * (arms - 1) / 2);
  for (std::size_t a = 0; a < arms; ++a)
    for (std::size_t b = a + 1; b < arms; ++b) bits.push_back(group_of[a] == group_of[b]);
  return bits;
}

std::vector<std::size_t> telling_bits(const std::vector<std::vector<bool>>& rows) {
  std::vector<std::size_t> telling;
  const auto bits = rows.empty() ? 0 : rows.front().size();
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const auto set =
        std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return row[bit]; });
    const double share = static_cast<double>(set) / static_cast<double>(rows.size());
    if (share > kRarest && share < 1 - kRarest) telling.push_back(bit);
  }
  return telling;
}

int differing_bits(const Bits& a, const Bits& b) {
  int count = 0;
  for (std::size_t word = 0; word < a.size(); ++word) count += std::popcount(a[word] ^ b[word]);
  return count;
}

}  // namespace

QuerySimilarity::QuerySimilarity(const ExplorationProblem& problem, SimilarityScales scales)
    : scales_(scales) {
  read_signatures(problem);
  read_features(problem);
  for (const auto& query : problem.queries)
    log_latency_.push_back(static_cast<float>(std::log(query.default_s) / scales_.log_latency));
}

void QuerySimilarity::read_signatures(const ExplorationProblem& problem) {
  std::vector<std::vector<bool>> rows;
  for (const auto& query : problem.queries) rows.push_back(pair_bits(query, problem.arms));
  const auto telling = telling_bits(rows);

  std::map<Bits, std::uint32_t> number_of;
  std::vector<Bits> signatures;
  for (const auto& row : rows) {
    Bits packed((telling.size() + 63) / 64, 0);
    for (std::size_t i = 0; i < telling.size(); ++i)
      if (row[telling[i]]) packed[i / 64] |= std::uint64_t{1} << (i % 64);
    const auto [place, is_new] =
        number_of.emplace(packed, static_cast<std::uint32_t>(signatures.size()));
    if (is_new) signatures.push_back(packed);
    signature_of_.push_back(place->second);
  }

  signatures_ = signatures.size();
  const auto bits = static_cast<float>(std::max<std::size_t>(1, telling.size()));
  std::vector<float> distances(signatures_ * signatures_, 0.0F);
  for (std::size_t a = 0; a < signatures_; ++a)
    for (std::size_t b = 0; b < a; ++b)
      distances[a * signatures_ + b] = distances[b * signatures_ + a] =
          static_cast<float>(differing_bits(signatures[a], signatures[b])) / bits;
  const auto scale = static_cast<float>(signature_scale(distances));
  signature_similarity_ = std::move(distances);
  for (float& cell : signature_similarity_) cell = std::exp(-cell / scale);
}

// `distances`: [signature][signature], shares of differing bits.
double QuerySimilarity::signature_scale(const std::vector<float>& distances) const {
  std::vector<std::size_t> queries(signatures_, 0);
  for (const auto signature : signature_of_) ++queries[signature];
  double sum = 0;
  std::vector<std::pair<float, std::size_t>> others(signatures_);  // distance, queries
  const auto nearest = static_cast<std::ptrdiff_t>(std::min(signatures_, scales_.crowd + 1));
  for (std::size_t a = 0; a < signatures_; ++a) {
    for (std::size_t b = 0; b < signatures_; ++b)
      others[b] = {distances[a * signatures_ + b], queries[b]};
    std::partial_sort(others.begin(), others.begin() + nearest, others.end());
    // Of `crowd` others, itself left out; of all where there are fewer.
    std::size_t met = 0;
    float distance = 0;
    for (auto other = others.begin(); met <= scales_.crowd && other != others.begin() + nearest;
         ++other) {
      distance = other->first;
      met += other->second;
    }
    sum += distance * static_cast<double>(queries[a]);
  }
  const double mean = sum / static_cast<double>(std::max<std::size_t>(1, signature_of_.size()));
  return std::clamp(scales_.spread * mean, scales_.least_signature, scales_.most_signature);
}

void QuerySimilarity::read_features(const ExplorationProblem& problem) {
  const auto count = problem.queries.empty() ? 0 : problem.queries.front().features.size();
  features_.assign(problem.queries.size(), std::vector<float>(count));
  for (std::size_t f = 0; f < count; ++f) {
    double sum = 0;
    double squares = 0;
    for (const auto& query : problem.queries) {
      sum += query.features[f];
      squares += query.features[f] * query.features[f];
    }
    const double n = static_cast<double>(problem.queries.size());
    const double variance = squares / n - sum / n * (sum / n);
    if (variance < 1e-12) continue;
    const double unit = std::sqrt(variance * static_cast<double>(count)) * scales_.features;
    for (std::size_t i = 0; i < features_.size(); ++i)
      features_[i][f] = static_cast<float>((problem.queries[i].features[f] - sum / n) / unit);
  }
}

double QuerySimilarity::operator()(std::size_t a, std::size_t b) const {
  if (a == b) return 1;
  const float latency = log_latency_[a] - log_latency_[b];
  float squares = latency * latency;
  for (std::size_t f = 0; f < features_[a].size(); ++f) {
    const float difference = features_[a][f] - features_[b][f];
    squares += difference * difference;
  }
  return scales_.twin * std::exp(-0.5F * squares) *
         signature_similarity_[signature_of_[a] * signatures_ + signature_of_[b]];
}

std::vector<std::uint32_t> QuerySimilarity::nearest(std::size_t query, std::size_t count) const {
  std::vector<std::pair<float, std::uint32_t>> others;
  for (std::size_t other = 0; other < signature_of_.size(); ++other)
    if (other != query)
      others.emplace_back(static_cast<float>(-(*this)(query, other)),
                          static_cast<std::uint32_t>(other));
  count = std::min(count, others.size());
  std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count),
                    others.end());
  std::vector<std::uint32_t> nearest;
  for (std::size_t i = 0; i < count; ++i) nearest.push_back(others[i].second);
  return nearest;
}

}  // namespace hintd::learning
