// Performance anchors as files of a run's folder: what safety/anchor compares, with the settings,
// the policy and the server's state of the day they were pinned.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/hint_set.h"
#include "core/result.h"

namespace hintd::app {

// Where anchors are kept, and what they are taken from.
struct AnchorSource {
  std::filesystem::path folder;     // of the run
  std::filesystem::path telemetry;  // its file
  const HintCatalogue& catalogue;
  std::string settings;  // JSON
  std::string dsn;       // empty: without the server's state
};

struct AnchorSize {
  std::size_t templates = 0;
  std::size_t statements = 0;
};

// Pins all that telemetry holds. kConflict where there is one of that name, kNotFound where
// telemetry holds nothing, kInvalidInput for a name with other letters than a file may have.
Result<AnchorSize> create_anchor(const AnchorSource& source, const std::string& name);

struct AnchorLine {
  std::string name;
  std::size_t templates = 0;
  std::uint32_t policy = 0;  // that was in force
};
// By name; files that are no anchors are left out.
std::vector<AnchorLine> list_anchors(const std::filesystem::path& folder);

// kNotFound where there is none of that name, kCorrupt where the file is no anchor.
Status drop_anchor(const std::filesystem::path& folder, const std::string& name);

// What ran since against it, as JSON: {anchor, statements_since, verdicts: {verdict: templates},
// templates: [{template, verdict, default_ratio, hinted_ratio}], timeline: [{event, detail}]}.
Result<std::string> compare_anchor(const AnchorSource& source, const std::string& name);

}  // namespace hintd::app
