// Much through one proxy: what `hintd bench proxy --bulk` measures. Connections opened and closed,
// a COPY of a gigabyte out and in again, a row of 100 MB; whether anything was lost, and what was
// left behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/child_process.h"
#include "app/progress.h"
#include "core/result.h"
#include "proxy/socket.h"

namespace hintd::app {

// All must outlive the call.
struct BulkParts {
  proxy::Address server;
  proxy::Address front;  // of the proxy before it
  std::string user;
  std::string database;
  std::filesystem::path programs;  // PostgreSQL's
  std::filesystem::path folder;    // for files of a gigabyte, which are removed
  const ChildProcess& hintd;
  Progress& progress;
};

struct BulkFigure {
  std::string what;
  bool whole = true;    // nothing was lost: as the server itself
  double direct_s = 0;  // 0: not done directly
  double proxied_s = 0;
  std::int64_t grown_kib = 0;  // resident memory of the proxy, before and after
  int grown_files = 0;         // its descriptors

  std::string text() const;
};

// Fails where the server or the disk does.
Result<std::vector<BulkFigure>> bench_bulk(const BulkParts& parts);

}  // namespace hintd::app
