#include "learning/policy/statement_sample.h"

#include <algorithm>

namespace hintd::learning {
namespace {

constexpr std::size_t kMostTemplates = 10'000;

}  // namespace

void StatementSample::offer(std::string_view sql, const ParsedQuery& parsed, double default_ms) {
  const auto& query_template = *parsed.query_template;
  if (query_template.kind != StatementKind::kReadOnlySelect) return;
  auto it = templates_.find(query_template.fingerprint);
  if (it == templates_.end()) {
    if (templates_.size() >= kMostTemplates) return;
    it = templates_.emplace(query_template.fingerprint, Template{}).first;
  }
  auto& [seen, statements] = it->second;
  ++seen;
  const auto known = std::find_if(statements.begin(), statements.end(), [&](const auto& statement) {
    return statement.parsed.literals == parsed.literals;
  });
  if (known != statements.end()) {
    if (default_ms > 0) known->default_ms = default_ms;
    return;
  }
  SampledStatement statement{std::string(sql), parsed, default_ms};
  if (statements.size() < static_cast<std::size_t>(per_template_)) {
    statements.push_back(std::move(statement));
  } else if (const auto place = rng_.below(static_cast<std::uint64_t>(seen));
             place < statements.size()) {
    statements[place] = std::move(statement);
  }
}

}  // namespace hintd::learning
