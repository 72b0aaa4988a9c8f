#include <algorithm>

#include "learning/agent/checkpoint.h"

namespace hintd::learning {
namespace {

// Those of `names` that `others` lacks, as a list for people.
std::string missing_from(const std::vector<std::string>& others,
                         const std::vector<std::string>& names) {
  std::string missing;
  for (const auto& name : names) {
    if (std::ranges::find(others, name) != others.end()) continue;
    missing += (missing.empty() ? "" : ", ") + name;
  }
  return missing;
}

// Row head * arms + to[arm] of the new output is row head * arms + arm of the old one.
void permute_output(std::vector<float>& flat, const NetworkLayout& layout,
                    const std::vector<ArmId>& to) {
  const auto old = flat;
  const auto& output = layout.output();
  for (std::size_t row = 0; row < output.outputs; ++row) {
    const std::size_t new_row = row - row % to.size() + to[row % to.size()];
    std::copy_n(
        old.begin() + static_cast<std::ptrdiff_t>(output.weights() + row * output.inputs),
        output.inputs,
        flat.begin() + static_cast<std::ptrdiff_t>(output.weights() + new_row * output.inputs));
    flat[output.bias() + new_row] = old[output.bias() + row];
  }
}

void renumber(Checkpoint& checkpoint, const std::vector<ArmId>& to) {
  const QShape shape{checkpoint.hidden_sizes, checkpoint.heads, static_cast<int>(to.size()), false};
  auto& network = checkpoint.network;
  for (auto* flat : {&network.weights, &network.target, &network.adam_mean, &network.adam_square}) {
    permute_output(*flat, shape.layout(), to);
  }
  permute_output(network.prior, shape.prior_layout(), to);
  for (auto& experience : checkpoint.replay) {
    experience.transition.arm = to[experience.transition.arm];
  }
}

std::string or_none(const std::string& list) {
  return list.empty() ? "none" : list;
}

}  // namespace

Result<Checkpoint> with_arms(Checkpoint checkpoint, const std::vector<std::string>& arm_names,
                             const std::filesystem::path& path) {
  const auto only_there = missing_from(arm_names, checkpoint.arm_names);
  const auto only_here = missing_from(checkpoint.arm_names, arm_names);
  if (!only_there.empty() || !only_here.empty() || checkpoint.arm_names[0] != arm_names[0]) {
    return fail(ErrorKind::kConflict,
                "checkpoint " + path.string() + " was learned with other hint sets (only there: " +
                    or_none(only_there) + "; only here: " + or_none(only_here) + ")",
                "run with the catalogue it was made with, or begin without it");
  }
  std::vector<ArmId> to;
  for (const auto& name : checkpoint.arm_names) {
    to.push_back(static_cast<ArmId>(std::ranges::find(arm_names, name) - arm_names.begin()));
  }
  renumber(checkpoint, to);
  checkpoint.arm_names = arm_names;
  return checkpoint;
}

}  // namespace hintd::learning
