#include "proxy/known_statement.h"

#include <algorithm>
#include <cctype>

#include "core/hint_set.h"
#include "core/rng.h"
#include "proxy/wire.h"

namespace hintd::proxy {
namespace {

bool is_number(std::string_view text) {
  const auto digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  return !text.empty() && digit(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return digit(static_cast<unsigned char>(c)) || c == '.';
  });
}

// As the value would stand in a statement's text.
std::uint64_t hash_as_literal(std::string_view value) {
  if (value.data() == nullptr) return 0;
  if (is_number(value)) return stable_hash(value);
  return stable_hash(quoted_literal(value));
}

}  // namespace

std::vector<std::uint64_t> literals_with(const KnownStatement& statement,
                                         const std::vector<std::string_view>& values) {
  std::vector<std::uint64_t> hashes;
  const auto& literals = statement.parsed.literals;
  std::size_t next = 0;
  for (const auto& parameter : statement.parameters) {
    while (next < parameter.literals_before && next < literals.size())
      hashes.push_back(literals[next++]);
    const bool given = parameter.number >= 1 && parameter.number <= values.size();
    hashes.push_back(given ? hash_as_literal(values[parameter.number - 1]) : 0);
  }
  hashes.insert(hashes.end(), literals.begin() + static_cast<std::ptrdiff_t>(next), literals.end());
  return hashes;
}

BoundLiterals bound_literals(const KnownStatement* statement, std::string_view bind) {
  const bool wanted = statement != nullptr && !statement->parameters.empty() &&
                      statement->eligibility == Eligibility::kEligible;
  if (!wanted) return nullptr;
  return std::make_shared<const std::vector<std::uint64_t>>(
      literals_with(*statement, bound_values(bind)));
}

std::shared_ptr<const KnownStatement> StatementCache::get(std::string_view text) {
  if (const auto it = statements_.find(text); it != statements_.end()) return it->second;
  auto statement = std::make_shared<KnownStatement>();
  statement->text = text;
  if (auto parsed = templates_.get(text)) {
    statement->parsed = std::move(*parsed);
    statement->eligibility = governance_.check(*statement->query_template());
    if (statement->query_template()->parameters)
      statement->parameters = outline_of(text).parameters;
  }
  if (statements_.size() >= kMaxStatements || bytes_ + text.size() > kMaxBytes) {
    statements_.clear();
    bytes_ = 0;
  }
  bytes_ += text.size();
  statements_.emplace(statement->text, statement);
  return statement;
}

}  // namespace hintd::proxy
