#include "learning/explore/latency_matrix.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <set>

#include "learning/explore/arm_effects.h"
#include "learning/explore/arm_meaning.h"

namespace hintd::learning {
namespace {

std::string quoted(std::string_view text) {
  return std::string(1, '\'').append(text) + "'";
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t start = 0;;) {
    const auto comma = line.find(',', start);
    cells.push_back(line.substr(start, comma - start));
    if (comma == std::string_view::npos) return cells;
    start = comma + 1;
  }
}

// Errors that name file, line and column.
class Reader {
 public:
  Reader(std::istream& in, std::string_view file) : in_(in), file_(file) {}

  Result<LatencyMatrix> read() {
    HINTD_TRY_STATUS(read_header());
    while (next_line())
      if (!line_.empty()) HINTD_TRY_STATUS(read_row());
    if (in_.bad()) return fail(ErrorKind::kUnavailable, file_ + " could not be read to its end");
    if (matrix_.seconds.empty())
      return wrong("no queries follow the header", "add a row per query");
    if (matrix_.arms == kOperatorArms) matrix_.effect_sources = sources_apart_from(matrix_.names);
    return std::move(matrix_);
  }

 private:
  bool next_line() {
    if (!std::getline(in_, line_)) return false;
    ++number_;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    return true;
  }

  tl::unexpected<Error> wrong(const std::string& what, const char* remedy,
                              std::size_t column = 0) const {
    auto place = file_ + ", line " + std::to_string(number_);
    if (column > 0) place += ", column " + std::to_string(column);
    return fail(ErrorKind::kInvalidInput, place + ": " + what, remedy);
  }

  Status read_header() {
    if (!next_line()) return fail(ErrorKind::kInvalidInput, file_ + " is empty", kFormat);
    const auto cells = split(line_);
    if (cells.size() < 2 || cells[1] != "0")
      return wrong("the second column is not the default's, 0", kFormat, 2);
    for (std::size_t i = 1; i < cells.size(); ++i)
      if (cells[i] != std::to_string(i - 1))
        return wrong("expected arm " + std::to_string(i - 1) + ", found " + quoted(cells[i]),
                     kFormat, i + 1);
    matrix_.arms = cells.size() - 1;
    return {};
  }

  Status read_row() {
    const auto cells = split(line_);
    if (cells.size() != matrix_.arms + 1)
      return wrong(std::to_string(cells.size()) + " cells where the header has " +
                       std::to_string(matrix_.arms + 1),
                   "give every query one cell per arm");
    if (cells[0].empty()) return wrong("the query has no name", "name it", 1);
    if (!names_.emplace(cells[0]).second)
      return wrong("query " + quoted(cells[0]) + " is there twice", "rename or delete one of them",
                   1);
    std::vector<double> row;
    for (std::size_t i = 1; i < cells.size(); ++i) {
      HINTD_TRY(const double seconds, read_cell(cells[i], i + 1));
      row.push_back(seconds);
    }
    matrix_.names.emplace_back(cells[0]);
    matrix_.seconds.push_back(std::move(row));
    return {};
  }

  Result<double> read_cell(std::string_view text, std::size_t column) const {
    if (text.empty())
      return wrong("the cell is empty", "measure it or leave the query out", column);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
      return wrong(quoted(text) + " is not a number", "give seconds, e.g. 0.25", column);
    if (value <= 0)
      return wrong("the latency is " + std::string(text), "give seconds above 0", column);
    return value;
  }

  static constexpr const char* kFormat = "start the file with the header filename,0,1,2,...";

  std::istream& in_;
  std::string file_;
  std::string line_;
  std::size_t number_ = 0;
  std::set<std::string, std::less<>> names_;
  LatencyMatrix matrix_;
};

std::vector<PlanGroup> groups_by_latency(const std::vector<double>& row) {
  std::vector<PlanGroup> groups;
  std::map<double, std::size_t> group_of;
  for (std::size_t arm = 0; arm < row.size(); ++arm) {
    const auto [place, is_new] = group_of.emplace(row[arm], groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].arms.push_back(static_cast<ArmId>(arm));
  }
  return groups;
}

}  // namespace

double LatencyMatrix::default_total() const {
  return std::accumulate(seconds.begin(), seconds.end(), 0.0,
                         [](double sum, const auto& row) { return sum + row[kDefaultArm]; });
}

double LatencyMatrix::oracle_total() const {
  return std::accumulate(seconds.begin(), seconds.end(), 0.0, [](double sum, const auto& row) {
    return sum + *std::min_element(row.begin(), row.end());
  });
}

Result<LatencyMatrix> read_latency_matrix(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in || std::filesystem::is_directory(file))
    return fail(ErrorKind::kNotFound, file.string() + " cannot be opened as a file",
                "give the path of a latency matrix (CSV)");
  return parse_latency_matrix(in, file.string());
}

Result<LatencyMatrix> parse_latency_matrix(std::istream& in, std::string_view name) {
  return Reader(in, name).read();
}

LatencyMatrix bootstrap_rows(const LatencyMatrix& matrix, Rng& rng) {
  LatencyMatrix drawn;
  drawn.arms = matrix.arms;
  drawn.effect_sources = matrix.effect_sources;
  for (std::size_t i = 0; i < matrix.seconds.size(); ++i) {
    const auto row = rng.below(matrix.seconds.size());
    drawn.names.push_back(matrix.names[row] + "#" + std::to_string(i));
    drawn.seconds.push_back(matrix.seconds[row]);
  }
  return drawn;
}

ExplorationProblem problem_of(const LatencyMatrix& matrix) {
  ExplorationProblem problem;
  problem.arms = matrix.arms;
  if (matrix.arms == kOperatorArms) {
    problem.arm_features = operator_arm_features();
    problem.arm_effects = operator_effects(matrix.effect_sources);
  }
  for (const auto& row : matrix.seconds)
    problem.queries.push_back({row[kDefaultArm], groups_by_latency(row), {}});
  return problem;
}

}  // namespace hintd::learning
