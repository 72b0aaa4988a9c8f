// What arms do, as feature vectors.
#pragma once

#include <cstddef>
#include <vector>

#include "core/hint_set.h"

namespace hintd::learning {

inline constexpr std::size_t kOperatorArms = 49;

// The 49 columns of the published matrices: seven sets of join operators times seven sets of scan
// operators, arm = 7 * joins + scans. Each runs through the non-empty subsets of three, all of them
// first: 111, 110, 101, 100, 011, 010, 001. Joins: hash, merge, nested loop. Scans: index,
// sequential, index-only. The files name no column; the order was read off which columns share
// plans (the names of the bits play no role, only which arms share them).
std::vector<std::vector<float>> operator_arm_features();

// One feature per setting and value that occurs in the catalogue, 1 where the arm has it.
std::vector<std::vector<float>> features_of(const HintCatalogue& catalogue);

}  // namespace hintd::learning
