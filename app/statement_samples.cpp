#include "app/statement_samples.h"

namespace hintd::app {
namespace {

constexpr std::size_t kMost = 10'000;
constexpr std::size_t kLongest = 64 * 1024;

}  // namespace

void StatementSamples::keep(std::uint64_t fingerprint, std::string_view sql) {
  if (sql.size() > kLongest) return;
  const std::lock_guard lock(mutex_);
  if (statements_.size() < kMost) statements_.try_emplace(fingerprint, sql);
}

std::optional<std::string> StatementSamples::find(std::uint64_t fingerprint) const {
  const std::lock_guard lock(mutex_);
  const auto found = statements_.find(fingerprint);
  if (found == statements_.end()) return std::nullopt;
  return found->second;
}

}  // namespace hintd::app
