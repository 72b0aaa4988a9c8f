#include <concepts>
#include <type_traits>

#include "core/byte_codec.h"
#include "core/rng.h"
#include "telemetry/ledger.h"
#include "telemetry/stored_time.h"

namespace hintd::telemetry {
namespace {

constexpr std::uint64_t kFormat = 0x68696e7464663032;  // also tells another byte order

void field(ByteWriter& out, const TimePoint& time) {
  out.number(micros(time));
}
void field(ByteReader& in, TimePoint& time) {
  std::int64_t stored = 0;
  in.number(stored);
  time = time_point(stored);
}
void field(ByteWriter& out, const LatencySketch& sketch) {
  out.text(sketch.bytes());
}
void field(ByteReader& in, LatencySketch& sketch) {
  std::string bytes;
  in.text(bytes);
  if (auto found = LatencySketch::from_bytes(bytes))
    sketch = std::move(*found);
  else
    in.refuse();
}
template <class Cell, class Visit>
void timeline(ByteWriter& out, const Timeline<Cell>& line, Visit visit) {
  field(out, line.begin());
  out.number(line.width().count());
  out.list(line.cells(), visit);
}
template <class Cell, class Visit>
void timeline(ByteReader& in, Timeline<Cell>& line, Visit visit) {
  TimePoint begin;
  std::int64_t width = 0;
  std::vector<Cell> cells;
  field(in, begin);
  in.number(width);
  in.list(cells, visit);
  line.restore(begin, std::chrono::microseconds{width}, std::move(cells));
}

template <class Value, class Wanted>
concept Is = std::same_as<std::remove_const_t<Value>, Wanted>;

void fields(auto& io, Is<Saved> auto& saved) {
  io.number(saved.ms, saved.error_sum, saved.noise_squares, saved.default_ms, saved.compared,
            saved.left_out);
}

void fields(auto& io, Is<TrafficCell> auto& cell) {
  io.number(cell.queries, cell.treated, cell.failures, cell.timed_out, cell.explorer_runs,
            cell.explorer_ms, cell.total_ms);
  field(io, cell.by_default);
  field(io, cell.hinted);
  fields(io, cell.saved);
}

void fields(auto& io, Is<TypicalCell> auto& cell) {
  io.number(cell.defaults, cell.hinted, cell.default_logs, cell.hinted_logs, cell.failures,
            cell.total_ms, cell.saved_ms);
}

void fields(auto& io, Is<ArmTally> auto& arm) {
  io.number(arm.users, arm.explorer, arm.explorer_finished, arm.timed_out, arm.user_ms,
            arm.explorer_ms, arm.least_ms);
  field(io, arm.last);
}

void fields(auto& io, Is<TemplateFigures> auto& figures) {
  io.number(figures.id, figures.queries, figures.treated, figures.failures, figures.timed_out,
            figures.explorer_runs, figures.total_ms, figures.last_reason, figures.last_hint,
            figures.policy_version, figures.ratios, figures.ratio_logs, figures.ratio_squares,
            figures.recent_next);
  field(io, figures.first);
  field(io, figures.last);
  field(io, figures.by_default);
  field(io, figures.hinted);
  fields(io, figures.saved);
  timeline(io, figures.over_time, [&](auto& cell) { fields(io, cell); });
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
  timeline(io, ledger.traffic_, [&](auto& cell) { fields(io, cell); });
  io.map(ledger.phases_, [&](auto& cell) { fields(io, cell); });
  io.map(ledger.templates_, [&](auto& figures) { fields(io, figures); });
  io.map(ledger.baselines_, [&](auto& baselines) {
    io.map(baselines.by_statement,
           [&](auto& baseline) { io.number(baseline.runs, baseline.mean_ms, baseline.mean_log); });
    io.number(baselines.log_squares, baselines.freedom);
  });
  fields(io, ledger.total_);
  fields(io, ledger.default_histogram_);
  fields(io, ledger.hinted_histogram_);
  io.map(ledger.reasons_, [&](auto& count) { io.number(count); });
  io.number(ledger.last_id_);
  field(io, ledger.last_time_);
}

std::string Ledger::bytes() const {
  ByteWriter content;
  fields_of(content, *this);
  const auto text = content.take();
  ByteWriter head;
  head.number(kFormat);
  head.number(stable_hash(text));
  return head.take() + text;
}

Result<Ledger> Ledger::from_bytes(std::string_view bytes) {
  std::uint64_t format = 0;
  std::uint64_t hash = 0;
  constexpr auto kHead = sizeof format + sizeof hash;
  ByteReader head(bytes.substr(0, kHead));
  head.number(format);
  head.number(hash);
  const auto content = bytes.substr(std::min(bytes.size(), kHead));
  Ledger ledger;
  ByteReader reader(content);
  const bool ours = head.whole() && format == kFormat && hash == stable_hash(content);
  if (ours) fields_of(reader, ledger);
  if (!ours || !reader.whole())
    return fail(ErrorKind::kCorrupt, "these are no figures of this hintd",
                "leave them: they are added up anew");
  return ledger;
}

}  // namespace hintd::telemetry
