// hintd bench proxy: what the proxy costs, beside PgBouncer in session mode.
#pragma once

#include <filesystem>
#include <string>

namespace hintd::app {

struct BenchProxyOptions {
  std::string dsn;  // where pgbench's tables are, or are made; empty: the private cluster
  std::filesystem::path data_dir = "data";
  int rounds = 5;        // of each workload, every contestant once in each, in turn; 0: no workload
  int seconds = 3;       // of each run
  int idle_clients = 0;  // also: memory for that many idle connections
  bool bulk = false;     // also: 10,000 connections, a COPY of 1 GB out and in, a row of 100 MB
  bool json = false;
};

// The exit status; what went wrong has been said on stderr.
int bench_proxy(const BenchProxyOptions& options);

}  // namespace hintd::app
