#include "learning/policy/forecast.h"

#include <Eigen/IterativeLinearSolvers>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

namespace hintd::learning {
namespace {

// Standard deviations, in log latency: of the templates, of what a value does everywhere, of what
// it does besides in one place, and of what no literal tells.
constexpr double kTemplateSd = 2;
constexpr double kValueSd = 0.6;
constexpr double kPlacedValueSd = 0.6;
constexpr double kUntoldSd = 0.4;
constexpr int kFolds = 10;
constexpr double kTolerance = 1e-6;
// What one statement alone holds tells nothing of others.
constexpr int kFewest = 2;

using Place = std::pair<std::uint64_t, std::size_t>;  // a template's literal

struct Row {
  PlanMemory::StatementId id;
  const StatementEvidence* statement;
  double log_ms;
};

// Numbers of the unknowns, by what they belong to.
template <class Key>
class Numbered {
 public:
  void count(const Key& key) { ++counts_[key]; }
  // Gives a number to each that was counted often enough.
  int number(int next, int fewest) {
    for (const auto& [key, count] : counts_)
      if (count >= fewest) numbers_[key] = next++;
    return next;
  }
  int operator[](const Key& key) const {
    const auto it = numbers_.find(key);
    return it == numbers_.end() ? -1 : it->second;
  }
  const std::map<Key, int>& all() const { return numbers_; }

 private:
  std::map<Key, int> counts_;
  std::map<Key, int> numbers_;
};

class Regression {
 public:
  explicit Regression(const PlanMemory& memory) {
    for (const auto& [fingerprint, statements] : memory.templates())
      for (const auto& [id, statement] : statements)
        if (statement.usual_ms() > 0)
          rows_.push_back({id, &statement, std::log(statement.usual_ms())});
    number();
    fill();
  }

  std::map<std::uint64_t, TemplateForecast> forecasts() const {
    std::map<std::uint64_t, TemplateForecast> result;
    if (rows_.empty()) return result;
    const auto whole = solve(-1);
    const auto values = values_by_place();
    for (const auto& [fingerprint, number] : templates_.all())
      result[fingerprint].by_all.log_ms = mean_ + kTemplateSd * whole[number];
    for (const auto& [place, known] : values) {
      const auto& [fingerprint, literal] = place;
      for (const auto value : known) {
        double log_ratio = kValueSd * whole[values_[value]];
        if (const int own = placed_[{place, value}]; own >= 0)
          log_ratio += kPlacedValueSd * whole[own];
        result[fingerprint].by_all.effects.push_back(
            {static_cast<std::uint16_t>(literal), value, log_ratio});
      }
    }
    for (int fold = 0; fold < kFolds; ++fold) {
      const Eigen::VectorXd without = design_ * solve(fold);
      for (std::size_t i = 0; i < rows_.size(); ++i)
        if (fold_of(i) == fold)
          result[rows_[i].statement->fingerprint].by_others[rows_[i].id] =
              mean_ + without[static_cast<Eigen::Index>(i)];
    }
    return result;
  }

 private:
  static int fold_of(std::size_t row) { return static_cast<int>(row % kFolds); }

  void number() {
    for (const auto& row : rows_) {
      const auto& literals = row.statement->literals;
      templates_.count(row.statement->fingerprint);
      for (const auto value : std::set(literals.begin(), literals.end())) values_.count(value);
      for (std::size_t i = 0; i < literals.size(); ++i)
        placed_.count({{row.statement->fingerprint, i}, literals[i]});
      mean_ += row.log_ms / static_cast<double>(rows_.size());
    }
    unknowns_ = templates_.number(0, 1);
    unknowns_ = values_.number(unknowns_, kFewest);
    unknowns_ = placed_.number(unknowns_, kFewest);
  }

  // Columns are scaled by what is expected of them, so that one penalty fits all: a row for each
  // unknown that wants it to be 0.
  void fill() {
    const auto rows = static_cast<int>(rows_.size());
    log_ms_ = Eigen::VectorXd::Zero(rows + unknowns_);
    std::vector<Eigen::Triplet<double>> entries;
    for (int row = 0; row < rows; ++row) {
      const auto& [id, statement, log_ms] = rows_[static_cast<std::size_t>(row)];
      log_ms_[row] = log_ms - mean_;
      entries.emplace_back(row, templates_[statement->fingerprint], kTemplateSd);
      for (std::size_t k = 0; k < statement->literals.size(); ++k) {
        const auto value = statement->literals[k];
        if (const int column = values_[value]; column >= 0)
          entries.emplace_back(row, column, kValueSd);
        if (const int column = placed_[{{statement->fingerprint, k}, value}]; column >= 0)
          entries.emplace_back(row, column, kPlacedValueSd);
      }
    }
    for (int i = 0; i < unknowns_; ++i) entries.emplace_back(rows + i, i, kUntoldSd);
    design_.resize(rows + unknowns_, unknowns_);
    design_.setFromTriplets(entries.begin(), entries.end());
  }

  // By the rows that are not of the fold.
  Eigen::VectorXd solve(int without) const {
    Eigen::VectorXd used = Eigen::VectorXd::Ones(log_ms_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (fold_of(i) == without) used[static_cast<Eigen::Index>(i)] = 0;
    const Eigen::SparseMatrix<double> design = used.asDiagonal() * design_;
    Eigen::LeastSquaresConjugateGradient<Eigen::SparseMatrix<double>> solver;
    solver.setTolerance(kTolerance);
    solver.compute(design);
    return solver.solve(used.cwiseProduct(log_ms_));
  }

  // The values that a place may hold of which something is known: its own, those of every place
  // that shares one with it, and so on.
  std::map<Place, std::vector<std::uint64_t>> values_by_place() const {
    // A forest of values that may stand in for each other.
    std::map<std::uint64_t, std::uint64_t> parent;
    for (const auto& [value, number] : values_.all()) parent[value] = value;
    const auto root_of = [&](std::uint64_t value) {
      while (parent[value] != value) value = parent[value] = parent[parent[value]];
      return value;
    };
    std::map<Place, std::uint64_t> one_of_place;
    for (const auto& row : rows_)
      for (std::size_t i = 0; i < row.statement->literals.size(); ++i) {
        const auto value = row.statement->literals[i];
        if (values_[value] < 0) continue;
        const Place place{row.statement->fingerprint, i};
        const auto first = one_of_place.try_emplace(place, value).first->second;
        parent[root_of(value)] = root_of(first);
      }
    std::map<std::uint64_t, std::vector<std::uint64_t>> together;
    for (const auto& [value, number] : values_.all()) together[root_of(value)].push_back(value);
    std::map<Place, std::vector<std::uint64_t>> result;
    for (const auto& [place, value] : one_of_place) result[place] = together[root_of(value)];
    return result;
  }

  std::vector<Row> rows_;
  double mean_ = 0;
  Numbered<std::uint64_t> templates_;
  Numbered<std::uint64_t> values_;
  Numbered<std::pair<Place, std::uint64_t>> placed_;
  int unknowns_ = 0;
  // Of the statements, and below them of the penalties.
  Eigen::SparseMatrix<double> design_;
  Eigen::VectorXd log_ms_;
};

}  // namespace

std::map<std::uint64_t, TemplateForecast> forecast_latencies(const PlanMemory& memory) {
  return Regression(memory).forecasts();
}

}  // namespace hintd::learning
