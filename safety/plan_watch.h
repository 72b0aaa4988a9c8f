// Notices when the default plan of a watched statement is another than before: after ANALYZE, an
// index that came or went, data that grew.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace hintd::safety {

class PlanWatch {
 public:
  // The default plan's shape (PlanTree::shape_hash) as it is now. The shape before, where that was
  // another; nothing at the first look.
  std::optional<std::uint64_t> planned(std::uint64_t statement, std::uint64_t shape) {
    const auto [place, is_new] = shapes_.emplace(statement, shape);
    if (is_new || place->second == shape) return std::nullopt;
    const auto before = place->second;
    place->second = shape;
    return before;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> shapes_;
};

}  // namespace hintd::safety
