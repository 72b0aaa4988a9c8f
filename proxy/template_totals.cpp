#include "proxy/template_totals.h"

#include <algorithm>

namespace hintd::proxy {

void TemplateTotal::add(const TemplateTotal& other) {
  query_template = other.query_template;
  statements += other.statements;
  hinted += other.hinted;
  total += other.total;
  slowest = std::max(slowest, other.slowest);
}

void TemplateTotals::add(const std::shared_ptr<const QueryTemplate>& query_template, Millis latency,
                         bool hinted) {
  const std::lock_guard lock(mutex_);
  const auto known = totals_.find(query_template->fingerprint);
  if (known == totals_.end() && totals_.size() >= kMaxTemplates) return;
  auto& total = known != totals_.end() ? known->second : totals_[query_template->fingerprint];
  if (total.query_template == nullptr) total.query_template = query_template;
  ++total.statements;
  total.hinted += hinted ? 1 : 0;
  total.total += latency;
  total.slowest = std::max(total.slowest, latency);
}

void TemplateTotals::add_to(std::unordered_map<std::uint64_t, TemplateTotal>& sum) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [fingerprint, total] : totals_) sum[fingerprint].add(total);
}

}  // namespace hintd::proxy
