#include "telemetry/batch.h"

#include <utility>

namespace hintd::telemetry {

Result<Batch> Batch::prepare(Database& database, std::string_view sql, std::size_t rows) {
  if (rows == 0)
    return fail(ErrorKind::kInvalidInput, "a batch of 0 rows", "give it 1 row or more");
  HINTD_TRY(auto statement, database.prepare(sql));
  return Batch(database, std::move(statement), rows);
}

Batch::Batch(Batch&& other) noexcept
    : database_(other.database_),
      statement_(std::move(other.statement_)),
      rows_(other.rows_),
      in_batch_(std::exchange(other.in_batch_, 0)),
      changed_(other.changed_),
      committed_(other.committed_) {}

Batch::~Batch() {
  if (in_batch_ > 0) database_->rollback();
}

Status Batch::begin() {
  if (in_batch_ > 0) return {};
  HINTD_TRY_STATUS(database_->execute("BEGIN IMMEDIATE"));
  changed_ = 0;
  return {};
}

Status Batch::added(Status done) {
  if (!done) {
    database_->rollback();
    in_batch_ = 0;
    return done;
  }
  changed_ += database_->changes();
  return ++in_batch_ < rows_ ? Status{} : finish();
}

Status Batch::finish() {
  if (std::exchange(in_batch_, 0) == 0) return {};
  if (auto done = database_->execute("COMMIT"); !done) {
    database_->rollback();
    return done;
  }
  committed_ += changed_;
  return {};
}

}  // namespace hintd::telemetry
