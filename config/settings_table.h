// The table of settings: what each is called, where it is kept, what it may be and what it means.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "config/value.h"

namespace hintd::config {

// Inclusive range for numbers (each, for lists), or names for an enumerator, in its order, or
// neither.
struct Limits {
  double low = 0;
  double high = 0;
  std::vector<std::string_view> names;
};

struct SettingRow {
  std::string_view key;  // dotted path of the YAML file
  Value (*get)(const Settings&);
  void (*set)(Settings&, const Value&);
  std::string_view unit;  // empty where there is none
  Limits limits;
  std::string_view meaning;  // one line
};

// In the order of the file: what shares a prefix stands together.
std::span<const SettingRow> settings_table();

// Whether a running hintd takes a new value without a restart.
bool changes_live(const SettingRow& row);

// learning.agent.heads -> HINTD_LEARNING_AGENT_HEADS
std::string environment_name(std::string_view key);
// What may stand there: "a whole number from 1 to 16", "one of thompson, greedy".
std::string allowed_text(const SettingRow& row);
// As YAML would write it: 0.001, true, thompson, [128, 128].
std::string value_text(const SettingRow& row, const Value& value);

}  // namespace hintd::config
