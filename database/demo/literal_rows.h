// Random rows of the loaded shop, from which the literals of the traffic are taken.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "database/demo/workload_template.h"

namespace hintd::database::demo {

struct LiteralRows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;  // NULL: nothing
};

// By LiteralSource.
using LiteralSources = std::array<LiteralRows, kLiteralSources>;

// Some thousand rows of each source, the same for the same seed and data. Fails with kUnavailable
// without a server, kNotFound when the database holds no complete shop.
Result<LiteralSources> read_literal_sources(const std::string& dsn, std::uint64_t seed);

}  // namespace hintd::database::demo
