#pragma once

namespace hintd::learning {

// When a hint that was proved on some templates may be extended to one that was never measured.
struct UnseenConfig {
  // Different measured templates near the new one that must all have been faster under the
  // arm. 1..100.
  int min_templates = 3;
  // How near: root mean square difference of standardised features. 0..10.
  double radius = 1.0;
  // The network's cost with every head against it must still be below this, log ratio. -5..0.
  double max_pessimistic_cost = -0.1;
  // A default plan that PostgreSQL itself expects to cost less is left alone. Cost units, 0..1e9.
  double min_plan_cost = 5'000;
};

}  // namespace hintd::learning
