// Hint sets and the catalogue of them. An arm is a way to run a template; arm 0 is always the
// planner's own. Arm numbers hold for one catalogue in one process: whatever is stored names arms
// by name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace hintd {

using ArmId = std::uint16_t;
inline constexpr ArmId kDefaultArm = 0;

// One planner setting as SET takes it: name and value, e.g. enable_nestloop = off.
struct Setting {
  std::string name;
  std::string value;
  bool operator==(const Setting&) const = default;
};

struct HintSet {
  std::string name;    // lower case, digits, '_': stored in telemetry and policies
  std::string reason;  // why one would try it, one line, for people
  std::vector<Setting> settings;

  // "SET LOCAL a = 'x'; SET LOCAL b = 'y'; ", empty for the default. Names and values are quoted.
  std::string set_local_sql() const;
  // The same as one SELECT of pg_catalog.set_config(.., true), which both protocols can prepare.
  // Its plan, and the next statement's, are custom ones: none made under the settings is kept.
  std::string set_config_sql() const;
  // The settings that change how a finished plan runs (memory, jit), not only which plan is chosen.
  std::string execution_settings() const;
};

// 'it''s': a string as it stands in a statement, for standard_conforming_strings = on.
std::string quoted_literal(std::string_view value);

// Immutable. Always holds the default at 0.
class HintCatalogue {
 public:
  // kInvalidInput when the first set is not the default (no settings), when two sets share a name,
  // when another set is empty, or when a name or setting is not an identifier.
  static Result<HintCatalogue> create(std::vector<HintSet> sets);

  std::size_t size() const { return sets_.size(); }
  const HintSet& operator[](ArmId arm) const;
  std::optional<ArmId> find(std::string_view name) const;
  std::span<const HintSet> sets() const { return sets_; }

 private:
  explicit HintCatalogue(std::vector<HintSet> sets) : sets_(std::move(sets)) {}
  std::vector<HintSet> sets_;
};

}  // namespace hintd
