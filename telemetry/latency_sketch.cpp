#include "telemetry/latency_sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace hintd::telemetry {
namespace {

constexpr double kRelativeError = 0.01;
constexpr double kGamma = (1 + kRelativeError) / (1 - kRelativeError);
constexpr double kLeastMs = 1e-3;

const double kLogGamma = std::log(kGamma);

std::int16_t index_of(double ms) {
  return static_cast<std::int16_t>(std::ceil(std::log(std::max(ms, kLeastMs)) / kLogGamma));
}

// The value that is equally far from both ends of the bin, relatively.
double middle_of(std::int16_t index) {
  return 2 * std::pow(kGamma, index) / (kGamma + 1);
}

void append_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}

// Takes it off the front.
std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::uint64_t zigzag(int value) {
  return value < 0 ? 2 * static_cast<std::uint64_t>(-value) - 1
                   : 2 * static_cast<std::uint64_t>(value);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

}  // namespace

void LatencySketch::add(double ms) {
  add(index_of(ms), 1);
}

void LatencySketch::merge(const LatencySketch& other) {
  for (const auto& bin : other.bins_) add(bin.index, bin.count);
}

void LatencySketch::add(std::int16_t index, std::uint32_t count) {
  const auto place = std::ranges::lower_bound(bins_, index, {}, &Bin::index);
  if (place != bins_.end() && place->index == index)
    place->count += count;
  else
    bins_.insert(place, {index, count});
  count_ += count;
}

double LatencySketch::quantile(double p) const {
  if (count_ == 0) return 0;
  const double rank = p * static_cast<double>(count_ - 1);
  std::int64_t below = 0;
  for (const auto& bin : bins_) {
    below += bin.count;
    if (static_cast<double>(below) > rank) return middle_of(bin.index);
  }
  return middle_of(bins_.back().index);
}

std::vector<std::pair<double, std::int64_t>> LatencySketch::bins() const {
  std::vector<std::pair<double, std::int64_t>> all;
  all.reserve(bins_.size());
  for (const auto& bin : bins_) all.emplace_back(middle_of(bin.index), bin.count);
  return all;
}

std::string LatencySketch::bytes() const {
  std::string bytes;
  int previous = 0;
  for (const auto& bin : bins_) {
    append_varint(bytes, zigzag(bin.index - previous));
    append_varint(bytes, bin.count);
    previous = bin.index;
  }
  return bytes;
}

Result<LatencySketch> LatencySketch::from_bytes(std::string_view bytes) {
  LatencySketch sketch;
  std::int64_t index = 0;
  while (!bytes.empty()) {
    const auto step = take_varint(bytes);
    const auto count = step ? take_varint(bytes) : std::nullopt;
    constexpr auto kMaxIndex = std::numeric_limits<std::int16_t>::max();
    const bool ascends = step && (sketch.bins_.empty() || unzigzag(*step) > 0);
    if (ascends && *step <= 2 * std::uint64_t{kMaxIndex}) index += unzigzag(*step);
    const bool fine = ascends && *step <= 2 * std::uint64_t{kMaxIndex} && count && *count > 0 &&
                      *count <= std::numeric_limits<std::uint32_t>::max() &&
                      std::abs(index) <= kMaxIndex;
    if (!fine) return fail(ErrorKind::kCorrupt, "a latency sketch is damaged", "restore a backup");
    sketch.bins_.push_back({static_cast<std::int16_t>(index), static_cast<std::uint32_t>(*count)});
    sketch.count_ += static_cast<std::int64_t>(*count);
  }
  return sketch;
}

}  // namespace hintd::telemetry
