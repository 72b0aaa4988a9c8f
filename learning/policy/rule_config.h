#pragma once

namespace hintd::learning {

// What evidence a rule needs before users may run under it.
struct RuleConfig {
  // Statements of a template (or of one of its cases) that must have been measured under an arm
  // before the default is ended for it. 1..100.
  int min_statements = 4;
  // What a second of the server's time weighs beside one of a user's waiting: a hedged run costs
  // both. 0..10.
  double server_time_weight = 0.1;
  // Part of the default's cost that a rule must save. 0..1.
  double min_gain = 0.02;
  // A statement counts as slower than the default from this part on. 0..1.
  double max_regression = 0.05;
  // The largest part by which a measured statement may become slower as a rule runs it. Not a
  // setting: the governance file's max_risk.
  double max_risk = 10;
  // A template whose default takes less is left alone: deciding would cost what a hint can win. ms,
  // 0..1e6.
  double min_latency_ms = 2.0;
  // Rules that hang on the default plan cost a planning of every statement: only for templates
  // whose fastest measured statement takes this much under the default. ms, 0..1e6.
  double min_plan_latency_ms = 20;
};

}  // namespace hintd::learning
