// One statement for many rows, so many rows a transaction: inserting, updating or deleting in bulk.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"
#include "telemetry/database.h"

namespace hintd::telemetry {

// Not thread-safe; the database must outlive it and be used by nobody else meanwhile. A failure
// takes its batch back whole and ends the work: batches that were committed before stay.
class Batch {
 public:
  // `rows` a transaction, 1 or more. kInvalidInput for 0; else as Database::prepare.
  static Result<Batch> prepare(Database& database, std::string_view sql, std::size_t rows);
  Batch(Batch&& other) noexcept;
  Batch& operator=(Batch&&) = delete;
  // Takes back what finish() did not commit.
  ~Batch();

  // Runs the statement with these parameters; commits when the batch is full.
  template <class... Values>
  Status add(const Values&... values) {
    HINTD_TRY_STATUS(begin());
    return added(statement_.run(values...));
  }

  // Commits the rest.
  Status finish();

  // Rows inserted, changed or deleted by what was committed.
  std::int64_t committed() const { return committed_; }

 private:
  Batch(Database& database, Statement statement, std::size_t rows)
      : database_(&database), statement_(std::move(statement)), rows_(rows) {}
  Status begin();
  Status added(Status done);

  Database* database_;
  Statement statement_;
  std::size_t rows_;
  std::size_t in_batch_ = 0;
  std::int64_t changed_ = 0;  // by the batch
  std::int64_t committed_ = 0;
};

}  // namespace hintd::telemetry
