#include "learning/explore/replay.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <string>

#include "core/check.h"
#include "core/clock.h"

namespace hintd::learning {
namespace {

constexpr std::string_view kTraceHeader = "query,hint,timeout_s,charge_s,completed";

std::string exact(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

void check_trial(const ExplorationProblem& problem, const Trial& trial) {
  HINTD_CHECK(trial.query < problem.queries.size(), "a trial of a query that is not there");
  HINTD_CHECK(
      trial.group > kDefaultGroup && trial.group < problem.queries[trial.query].groups.size(),
      "a trial of a plan group that is not there");
  HINTD_CHECK(trial.timeout_s > 0 && std::isfinite(trial.timeout_s), "a trial without a timeout");
}

// A number up to the comma (or the end); the text behind it stays in `rest`.
template <class T>
bool take(std::string_view& rest, T& value) {
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{}) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (rest.empty()) return true;
  if (rest.front() != ',') return false;
  rest.remove_prefix(1);
  return true;
}

}  // namespace

ReplayRun replay(const LatencyMatrix& matrix, const ExplorationProblem& problem, Strategy& strategy,
                 const ReplayRules& rules, Rng rng, const std::function<void(double)>& progress) {
  ReplayRun run;
  Millis model{0};
  const double total = matrix.default_total();
  for (double charged = 0; charged < rules.until * total;) {
    const Stopwatch deciding;
    const auto trial = strategy.next();
    model += deciding.elapsed();
    if (!trial) break;

    check_trial(problem, *trial);
    const auto arm = problem.queries[trial->query].groups[trial->group].arms.front();
    double latency = matrix.seconds[trial->query][arm];
    if (rules.noise_sd > 0) latency *= std::exp(rules.noise_sd * rng.normal());
    const bool completed = latency < trial->timeout_s;
    const double charge = std::min(latency, trial->timeout_s);
    charged += charge;
    run.trace.push_back({trial->query, arm, trial->timeout_s, charge, completed});

    const Stopwatch learning;
    strategy.observe(*trial, {completed, charge});
    model += learning.elapsed();
    if (progress) progress(charged / total);
  }
  run.model_s = Seconds(model).count();
  return run;
}

Curve::Curve(const LatencyMatrix& matrix, const std::vector<TraceLine>& trace) {
  const double total = matrix.default_total();
  std::vector<double> best;
  for (const auto& row : matrix.seconds) best.push_back(row[kDefaultArm]);
  double charged = 0;
  double seconds = total;
  points_.push_back({0, seconds});
  for (const auto& line : trace) {
    charged += line.charge_s;
    if (line.completed && line.charge_s < best[line.query]) {
      seconds -= best[line.query] - line.charge_s;
      best[line.query] = line.charge_s;
    }
    points_.push_back({charged / total, seconds});
  }
}

double Curve::at(double x) const {
  const auto after = std::upper_bound(points_.begin(), points_.end(), x,
                                      [](double value, const Point& p) { return value < p.x; });
  return std::prev(after)->seconds;
}

double Curve::mean_until(double x) const {
  double area = 0;
  for (std::size_t i = 0; i < points_.size() && points_[i].x < x; ++i) {
    const double next = i + 1 < points_.size() ? std::min(points_[i + 1].x, x) : x;
    area += points_[i].seconds * (next - points_[i].x);
  }
  return area / x;
}

void write_trace(std::ostream& out, const LatencyMatrix& matrix,
                 const std::vector<TraceLine>& trace) {
  out << kTraceHeader << '\n';
  for (const auto& line : trace)
    out << matrix.names[line.query] << ',' << line.hint << ',' << exact(line.timeout_s) << ','
        << exact(line.charge_s) << ',' << (line.completed ? 1 : 0) << '\n';
}

Result<std::vector<TraceLine>> read_trace(std::istream& in, const LatencyMatrix& matrix) {
  std::map<std::string_view, std::size_t> query_of;
  for (std::size_t i = 0; i < matrix.names.size(); ++i) query_of.emplace(matrix.names[i], i);
  std::vector<TraceLine> trace;
  std::string text;
  if (!std::getline(in, text) || text != kTraceHeader)
    return fail(ErrorKind::kInvalidInput, "the trace does not start with its header",
                "expected " + std::string(kTraceHeader));
  for (std::size_t number = 2; std::getline(in, text); ++number) {
    const auto comma = std::min(text.find(','), text.size());
    const auto query = query_of.find(std::string_view(text).substr(0, comma));
    std::string_view rest = std::string_view(text).substr(std::min(comma + 1, text.size()));
    TraceLine line;
    int completed = 0;
    if (query == query_of.end() || !take(rest, line.hint) || !take(rest, line.timeout_s) ||
        !take(rest, line.charge_s) || !take(rest, completed) || !rest.empty() ||
        line.hint >= matrix.arms)
      return fail(ErrorKind::kInvalidInput,
                  "line " + std::to_string(number) + " of the trace does not fit the matrix",
                  "give the trace of a replay of this very matrix");
    line.query = query->second;
    line.completed = completed != 0;
    trace.push_back(line);
  }
  return trace;
}

}  // namespace hintd::learning
