#include "dashboard/live_store.h"

#include "core/log.h"
#include "core/query_template.h"
#include "core/rng.h"
#include "dashboard/gzip.h"
#include "dashboard/summary_json.h"

namespace hintd::dashboard {
namespace {

constexpr auto kBetweenLooks = std::chrono::milliseconds(250);
// About 20 ms, which questions wait for.
constexpr std::int64_t kRowsAtOnce = 4'000;
// What a restart may have to add up anew, and what is not worth a write at the end.
constexpr std::int64_t kRowsToKeep = 200'000;
constexpr std::int64_t kFewRows = 5'000;
constexpr auto kBetweenSummaries = std::chrono::milliseconds(500);

}  // namespace

PreparedAnswer prepare(std::string body) {
  PreparedAnswer prepared;
  prepared.gzip = std::make_shared<const std::string>(gzip(body));
  prepared.etag = "\"" + fingerprint_text(stable_hash(body)) + "\"";
  prepared.body = std::make_shared<const std::string>(std::move(body));
  return prepared;
}

Result<std::unique_ptr<LiveStore>> LiveStore::open(
    const std::filesystem::path& telemetry, Operations* operations, EventHub& hub,
    std::function<void(const telemetry::HistoryEvent&)> on_event) {
  HINTD_TRY(auto feed, telemetry::LedgerFeed::open(telemetry));
  HINTD_TRY(auto history, telemetry::History::open(telemetry));
  return std::unique_ptr<LiveStore>(
      new LiveStore(std::move(feed), std::move(history), operations, hub, std::move(on_event)));
}

LiveStore::LiveStore(telemetry::LedgerFeed feed, telemetry::History history, Operations* operations,
                     EventHub& hub, std::function<void(const telemetry::HistoryEvent&)> on_event)
    : feed_(std::move(feed)),
      history_(std::move(history)),
      operations_(operations),
      hub_(hub),
      on_event_(std::move(on_event)) {
  refresh();
  kept_to_ = feed_.restored_to();
  if (const auto newest = history_.events({feed_.run().first, std::nullopt, 1});
      newest && !newest->empty())
    last_event_ = newest->front().id;
  thread_ = std::thread([this] { follow(); });
}

LiveStore::~LiveStore() {
  {
    const std::lock_guard lock(ending_mutex_);
    ending_ = true;
  }
  ending_wake_.notify_one();
  thread_.join();
  keep_figures(kFewRows);
}

void LiveStore::keep_figures(std::int64_t least_rows) {
  std::string kept;
  {
    const std::lock_guard lock(mutex_);
    const auto last = feed_.ledger().last_id();
    if (last - kept_to_ < least_rows) return;
    kept_to_ = last;
    kept = feed_.kept();
  }
  if (const auto done = feed_.keep(kept); !done)
    log_warning("figures_not_kept", {{"error", done.error().text()}});
}

std::shared_ptr<const PreparedAnswer> LiveStore::summary() const {
  const std::lock_guard lock(summary_mutex_);
  return summary_;
}

void LiveStore::refresh() {
  take_rows();
  tell();
}

void LiveStore::follow() {
  Stopwatch since_told;
  while (true) {
    const bool more = take_rows();
    take_events();
    if (!more) keep_figures(kRowsToKeep);
    if (since_told.elapsed() >= kBetweenSummaries) {
      tell();
      since_told = Stopwatch();
    }
    std::unique_lock lock(ending_mutex_);
    if (ending_wake_.wait_for(lock, more ? std::chrono::milliseconds(0) : kBetweenLooks,
                              [this] { return ending_; }))
      return;
  }
}

bool LiveStore::take_rows() {
  const std::lock_guard lock(mutex_);
  const auto more = feed_.read(kRowsAtOnce);
  if (!more && !failing_) log_warning("dashboard_read_failed", {{"error", more.error().text()}});
  failing_ = !more;
  return more && *more;
}

void LiveStore::take_events() {
  std::vector<telemetry::HistoryEvent> fresh;
  {
    const std::lock_guard lock(mutex_);
    if (auto found = history_.events_after(last_event_, feed_.run().first)) fresh = *found;
  }
  for (const auto& event : fresh) {
    last_event_ = event.id;
    hub_.publish("event", event_json(event));
    if (on_event_) on_event_(event);
  }
}

void LiveStore::tell() {
  // The daemon has locks of its own: never asked under ours.
  std::optional<LiveStatus> status;
  std::vector<OrderedTemplate> orders;
  if (operations_ != nullptr) {
    status = operations_->status();
    orders = operations_->orders();
  }
  std::string json;
  {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
    orders_.clear();
    for (auto& order : orders) orders_.emplace(order.fingerprint, std::move(order));
    json = summary_json({feed_, history_, orders_, status_ ? &*status_ : nullptr});
  }
  auto prepared = std::make_shared<const PreparedAnswer>(prepare(std::move(json)));
  {
    const std::lock_guard lock(summary_mutex_);
    if (summary_ && summary_->etag == prepared->etag) return;
    summary_ = prepared;
  }
  hub_.publish("summary", *prepared->body, true);
}

}  // namespace hintd::dashboard
