#include <concepts>
#include <cstring>
#include <type_traits>

#include "core/rng.h"
#include "telemetry/ledger.h"

namespace hintd::telemetry {
namespace {

constexpr std::uint64_t kFormat = 0x68696e7464663031;  // also tells another byte order

// Writer and Reader go over the same fields in the same order.
class Writer {
 public:
  template <class Value>
  requires std::is_arithmetic_v<Value>
  void number(const Value& value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof value);
  }
  void time(const TimePoint& time) { number(time.time_since_epoch().count()); }
  void sketch(const LatencySketch& sketch) {
    const auto bytes = sketch.bytes();
    number(bytes.size());
    bytes_ += bytes;
  }
  template <class List, class Visit>
  void list(const List& list, Visit visit) {
    number(list.size());
    for (const auto& item : list) visit(item);
  }
  template <class Map, class Visit>
  void map(const Map& map, Visit visit) {
    list(map, [&](const auto& entry) {
      number(entry.first);
      visit(entry.second);
    });
  }
  template <class Cell, class Visit>
  void timeline(const Timeline<Cell>& timeline, Visit visit) {
    time(timeline.begin());
    number(timeline.width().count());
    list(timeline.cells(), visit);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class Value>
  requires std::is_arithmetic_v<Value>
  void number(Value& value) {
    const auto raw = part(sizeof value);
    if (fine_) std::memcpy(&value, raw.data(), sizeof value);
  }
  void time(TimePoint& time) {
    std::int64_t micros = 0;
    number(micros);
    time = TimePoint{std::chrono::microseconds{micros}};
  }
  void sketch(LatencySketch& sketch) {
    auto found = LatencySketch::from_bytes(part(size()));
    fine_ = fine_ && found;
    if (fine_) sketch = std::move(*found);
  }
  template <class List, class Visit>
  void list(List& list, Visit visit) {
    const auto count = size();
    list.clear();
    for (std::size_t i = 0; i < count && fine_; ++i) visit(list.emplace_back());
  }
  template <class Map, class Visit>
  void map(Map& map, Visit visit) {
    const auto count = size();
    map.clear();
    for (std::size_t i = 0; i < count && fine_; ++i) {
      typename Map::key_type key{};
      number(key);
      visit(map[key]);
    }
  }
  template <class Cell, class Visit>
  void timeline(Timeline<Cell>& timeline, Visit visit) {
    TimePoint begin;
    std::int64_t width = 0;
    std::vector<Cell> cells;
    time(begin);
    number(width);
    list(cells, visit);
    timeline.restore(begin, std::chrono::microseconds{width}, std::move(cells));
  }
  bool whole() const { return fine_ && bytes_.empty(); }

 private:
  // No list has more items than bytes are left.
  std::size_t size() {
    std::size_t count = 0;
    number(count);
    fine_ = fine_ && count <= bytes_.size();
    return fine_ ? count : 0;
  }
  std::string_view part(std::size_t size) {
    fine_ = fine_ && size <= bytes_.size();
    if (!fine_) return {};
    const auto found = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return found;
  }

  std::string_view bytes_;
  bool fine_ = true;
};

template <class Value, class Wanted>
concept Is = std::same_as<std::remove_const_t<Value>, Wanted>;

template <class... Numbers>
void numbers(auto& io, Numbers&... all) {
  (io.number(all), ...);
}

void fields(auto& io, Is<Saved> auto& saved) {
  numbers(io, saved.ms, saved.error_sum, saved.noise_squares, saved.default_ms, saved.compared,
          saved.left_out);
}

void fields(auto& io, Is<TrafficCell> auto& cell) {
  numbers(io, cell.queries, cell.treated, cell.failures, cell.timed_out, cell.explorer_runs,
          cell.explorer_ms, cell.total_ms);
  io.sketch(cell.by_default);
  io.sketch(cell.hinted);
  fields(io, cell.saved);
}

void fields(auto& io, Is<TypicalCell> auto& cell) {
  numbers(io, cell.defaults, cell.hinted, cell.default_logs, cell.hinted_logs, cell.failures,
          cell.total_ms, cell.saved_ms);
}

void fields(auto& io, Is<ArmTally> auto& arm) {
  numbers(io, arm.users, arm.explorer, arm.explorer_finished, arm.timed_out, arm.user_ms,
          arm.explorer_ms, arm.least_ms);
  io.time(arm.last);
}

void fields(auto& io, Is<TemplateFigures> auto& figures) {
  numbers(io, figures.id, figures.queries, figures.treated, figures.failures, figures.timed_out,
          figures.explorer_runs, figures.total_ms, figures.last_reason, figures.last_hint,
          figures.policy_version, figures.ratios, figures.ratio_logs, figures.ratio_squares,
          figures.recent_next);
  io.time(figures.first);
  io.time(figures.last);
  io.sketch(figures.by_default);
  io.sketch(figures.hinted);
  fields(io, figures.saved);
  io.timeline(figures.over_time, [&](auto& cell) { fields(io, cell); });
  io.map(figures.arms, [&](auto& arm) { fields(io, arm); });
  io.list(figures.recent, [&](auto& id) { io.number(id); });
}

void fields(auto& io, Is<LatencyHistogram> auto& histogram) {
  for (auto& count : histogram.counts) io.number(count);
  io.number(histogram.sum_ms);
}

}  // namespace

template <class Io, class Self>
void Ledger::fields_of(Io& io, Self& ledger) {
  io.timeline(ledger.traffic_, [&](auto& cell) { fields(io, cell); });
  io.map(ledger.phases_, [&](auto& cell) { fields(io, cell); });
  io.map(ledger.templates_, [&](auto& figures) { fields(io, figures); });
  io.map(ledger.baselines_, [&](auto& baselines) {
    io.map(baselines.by_statement, [&](auto& baseline) {
      numbers(io, baseline.runs, baseline.mean_ms, baseline.mean_log);
    });
    numbers(io, baselines.log_squares, baselines.freedom);
  });
  fields(io, ledger.total_);
  fields(io, ledger.default_histogram_);
  fields(io, ledger.hinted_histogram_);
  io.map(ledger.reasons_, [&](auto& count) { io.number(count); });
  io.number(ledger.last_id_);
  io.time(ledger.last_time_);
}

std::string Ledger::bytes() const {
  Writer content;
  fields_of(content, *this);
  const auto text = content.take();
  Writer head;
  head.number(kFormat);
  head.number(stable_hash(text));
  return head.take() + text;
}

Result<Ledger> Ledger::from_bytes(std::string_view bytes) {
  std::uint64_t format = 0;
  std::uint64_t hash = 0;
  constexpr auto kHead = sizeof format + sizeof hash;
  Reader head(bytes.substr(0, kHead));
  head.number(format);
  head.number(hash);
  const auto content = bytes.substr(std::min(bytes.size(), kHead));
  Ledger ledger;
  Reader reader(content);
  const bool ours = head.whole() && format == kFormat && hash == stable_hash(content);
  if (ours) fields_of(reader, ledger);
  if (!ours || !reader.whole())
    return fail(ErrorKind::kCorrupt, "these are no figures of this hintd",
                "leave them: they are added up anew");
  return ledger;
}

}  // namespace hintd::telemetry
