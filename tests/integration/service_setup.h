// What tests of a service find there before it starts.
#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "core/policy.h"

namespace hintd::test {

// The DSN of a fresh database with a table numbers (n from 1 to 60,000).
std::string database_with_numbers(const std::string& name);

// In a service's data folder two approved versions, 1 and 2, of which 1 is deployed. The arms are
// "default" and "no_nestloop".
void make_versions(const std::filesystem::path& data_dir, const std::string& dsn,
                   const std::array<TemplateRules, 2>& rules);

}  // namespace hintd::test
