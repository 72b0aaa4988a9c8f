// What each template took since the start, for the console. Thread-safe: one thread adds, others
// look now and then.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "core/clock.h"
#include "core/query_template.h"

namespace hintd::proxy {

struct TemplateTotal {
  std::shared_ptr<const QueryTemplate> query_template;  // shared with the statements' cache
  std::int64_t statements = 0;
  std::int64_t hinted = 0;
  Millis total{0};
  Millis slowest{0};

  void add(const TemplateTotal& other);
};

class TemplateTotals {
 public:
  void add(const std::shared_ptr<const QueryTemplate>& query_template, Millis latency, bool hinted);
  // Adds to `sum`, by fingerprint.
  void add_to(std::unordered_map<std::uint64_t, TemplateTotal>& sum) const;

 private:
  static constexpr std::size_t kMaxTemplates = 10'000;  // later ones are not totalled

  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, TemplateTotal> totals_;
};

}  // namespace hintd::proxy
