// Keeps events: record() puts them on a bounded queue, one thread of its own stores them, a batch a
// transaction. An event whose batch was committed outlives a killed process. A full disk or a
// locked file loses nothing until the queue is full: the batch is tried again every flush_interval.
// A file that turns out to be damaged is set aside (damaged_file.h), once a process, and the writer
// goes on in a new one; the batch it was found with goes there.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "core/event.h"
#include "core/result.h"
#include "telemetry/telemetry_config.h"

namespace hintd::telemetry {

class EventStore;

struct WriterCounts {
  std::int64_t stored = 0;          // committed
  std::int64_t dropped = 0;         // lost: the queue was full, or SQLite refused for good
  std::int64_t failed_batches = 0;  // transactions that failed, retries included
};

// Thread-safe, except that stop() and the destructor want no record() at the same time.
class EventWriter final : public EventSink {
 public:
  // kInvalidInput when a setting is out of range; else fails as EventStore::open() does.
  static Result<std::unique_ptr<EventWriter>> open(const TelemetryConfig& config);
  ~EventWriter() override;

  // Takes a lock for a move of the event, never longer. False when the queue is full or stopped.
  bool record(Event event) noexcept override;

  // Waits until everything recorded before the call is committed. Fails with the store's error when
  // an attempt to commit fails meanwhile; the writer goes on trying.
  Status flush();

  // Stores what waits, writes the counts, ends the thread. What the store then refuses is dropped,
  // counted, and the error answered. Once stopped, stays stopped.
  Status stop();

  WriterCounts counts() const;

 private:
  EventWriter(const TelemetryConfig& config, std::unique_ptr<EventStore> store);

  void drain();
  bool wait_for_events(std::vector<Event>& taken);
  void store_all(std::span<const Event> events);
  // False when the same events are worth another try.
  bool store_batch(std::span<const Event> events);
  Status write(std::span<const Event> events);
  Status begin_anew(const Error& damage);
  bool handle_failure(std::size_t events, const Error& error);
  void handle_success(std::size_t events);

  const TelemetryConfig config_;
  // The thread's, until it has ended.
  std::unique_ptr<EventStore> store_;  // null where the damaged one has no successor yet
  std::optional<RunStarted> run_;      // the last one that was stored
  bool begun_anew_ = false;

  mutable std::mutex mutex_;
  std::condition_variable work_;     // wakes the thread
  std::condition_variable settled_;  // wakes flush()
  std::vector<Event> queue_;
  bool stopping_ = false;
  bool hurry_ = false;              // do not wait for more events
  bool failing_ = false;            // the last attempt failed
  std::int64_t accepted_ = 0;       // events put on the queue
  std::int64_t lost_in_store_ = 0;  // of those, given up
  WriterCounts counts_;
  Error last_error_;

  std::thread thread_;
};

}  // namespace hintd::telemetry
