// Figures over time in a bounded number of equal buckets: where time outgrows them, neighbours are
// merged and the buckets become twice as wide. Cell has merge(const Cell&).
#pragma once

#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace hintd::telemetry {

template <class Cell>
class Timeline {
 public:
  // `width` is the finest a bucket gets; `limit` is even.
  Timeline(std::chrono::microseconds width, std::size_t limit) : width_(width), limit_(limit) {}

  // The bucket of that time. What is older than the first bucket counts there.
  Cell& at(TimePoint time) {
    if (cells_.empty()) begin_ = std::chrono::floor<std::chrono::microseconds>(time);
    auto index = index_of(time);
    while (index >= limit_) {
      halve();
      index = index_of(time);
    }
    if (index >= cells_.size()) cells_.resize(index + 1);
    return cells_[index];
  }

  bool empty() const { return cells_.empty(); }
  std::size_t size() const { return cells_.size(); }
  const Cell& operator[](std::size_t index) const { return cells_[index]; }
  TimePoint begin_of(std::size_t index) const {
    return begin_ + width_ * static_cast<std::int64_t>(index);
  }
  std::chrono::microseconds width() const { return width_; }

  // As a file keeps it.
  TimePoint begin() const { return begin_; }
  const std::vector<Cell>& cells() const { return cells_; }
  void restore(TimePoint begin, std::chrono::microseconds width, std::vector<Cell> cells) {
    begin_ = begin;
    width_ = width;
    cells_ = std::move(cells);
  }

 private:
  std::size_t index_of(TimePoint time) const {
    return time <= begin_ ? 0 : static_cast<std::size_t>((time - begin_) / width_);
  }

  void halve() {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (i % 2 == 1)
        cells_[i / 2].merge(cells_[i]);
      else if (i > 0)
        cells_[i / 2] = std::move(cells_[i]);
    }
    cells_.resize((cells_.size() + 1) / 2);
    width_ *= 2;
  }

  std::chrono::microseconds width_;
  std::size_t limit_;
  TimePoint begin_;
  std::vector<Cell> cells_;
};

}  // namespace hintd::telemetry
