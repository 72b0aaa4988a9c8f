// What the Q-network computes, by LibTorch. In a library of its own (learning/torch), loaded when
// the first network is made: LibTorch takes half a second to come up, and most commands need none.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/result.h"
#include "learning/agent/agent_config.h"
#include "learning/agent/network_layout.h"
#include "learning/agent/replay_buffer.h"

namespace hintd::learning {

// All that a network is, flat (learning/agent/network_layout.h).
struct NetworkState {
  std::vector<float> weights;
  std::vector<float> target;  // the target network's
  std::vector<float> prior;
  std::vector<float> adam_mean;    // Adam's first moments
  std::vector<float> adam_square;  // and second
  std::int64_t steps = 0;          // updates done
};

// QNetwork (learning/agent/q_network.h) says what its functions do.
class NetworkArithmetic {
 public:
  virtual ~NetworkArithmetic() = default;

  struct Step {
    double loss = 0;    // before the update, mean over the batch and its heads
    double spread = 0;  // standard deviation over the heads of the batch's Q(s, a)
  };
  virtual Step train(std::span<const Experience* const> batch) noexcept = 0;
  virtual std::vector<float> evaluate(std::span<const FeatureVector> states) const = 0;
  // The two that make the function, a part of state().
  struct Function {
    std::vector<float> weights;
    std::vector<float> prior;
  };
  virtual Function function() const = 0;
  virtual NetworkState state() const = 0;
};

// What the library exports under kMakeArithmetic.
using MakeArithmetic = NetworkArithmetic*(const QShape& shape, const AgentConfig& config,
                                          const NetworkState& state);
inline constexpr const char* kMakeArithmetic = "hintd_make_arithmetic";

// Loads the library, once; from then on it answers at once. Thread-safe. kUnavailable where it is
// not beside the program, nor in ../lib/hintd.
Result<MakeArithmetic*> load_arithmetic();

}  // namespace hintd::learning
