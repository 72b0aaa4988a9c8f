// What the page shows, kept up to date: follows the telemetry file in a thread of its own, adds it
// up, and tells the open pages what changed.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "core/operations.h"
#include "core/result.h"
#include "dashboard/event_hub.h"
#include "telemetry/history.h"
#include "telemetry/ledger_feed.h"

namespace hintd::dashboard {

// An answer that is the same for everybody until something changes.
struct PreparedAnswer {
  std::shared_ptr<const std::string> body;
  std::shared_ptr<const std::string> gzip;
  std::string etag;
};
PreparedAnswer prepare(std::string body);

// What may be seen while it is held: nothing changes meanwhile.
struct LiveView {
  const telemetry::LedgerFeed& feed;
  telemetry::History& history;
  const std::unordered_map<std::uint64_t, OrderedTemplate>& orders;
  const LiveStatus* status;  // null where no hintd runs
};

// Thread-safe.
class LiveStore {
 public:
  // `operations` (may be null: a file that is only looked at) and the hub must outlive it. Told of
  // each new safety event through `on_event`, on the store's thread. Fails as Reader::open.
  static Result<std::unique_ptr<LiveStore>> open(
      const std::filesystem::path& telemetry, Operations* operations, EventHub& hub,
      std::function<void(const telemetry::HistoryEvent&)> on_event);
  ~LiveStore();

  std::shared_ptr<const PreparedAnswer> summary() const;
  // Looks at the file and the daemon now: after a change, so that its answer shows it.
  void refresh();

  // Under the lock.
  template <class Look>
  auto look(Look look) {
    const std::lock_guard lock(mutex_);
    return look(LiveView{feed_, history_, orders_, status_ ? &*status_ : nullptr});
  }

 private:
  LiveStore(telemetry::LedgerFeed feed, telemetry::History history, Operations* operations,
            EventHub& hub, std::function<void(const telemetry::HistoryEvent&)> on_event);
  void follow();
  // Whether more rows wait.
  bool take_rows();
  void take_events();
  void tell();
  // Where as many rows are new since the last time.
  void keep_figures(std::int64_t least_rows);

  std::mutex mutex_;  // of the feed, the history and what the daemon said
  telemetry::LedgerFeed feed_;
  telemetry::History history_;
  std::unordered_map<std::uint64_t, OrderedTemplate> orders_;
  std::optional<LiveStatus> status_;
  Operations* operations_;
  EventHub& hub_;
  std::function<void(const telemetry::HistoryEvent&)> on_event_;
  std::int64_t last_event_ = 0;
  std::int64_t kept_to_ = 0;  // id of the last row in the kept figures
  bool failing_ = false;

  mutable std::mutex summary_mutex_;
  std::shared_ptr<const PreparedAnswer> summary_;

  std::mutex ending_mutex_;
  std::condition_variable ending_wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace hintd::dashboard
