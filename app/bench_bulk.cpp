#include "app/bench_bulk.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "database/demo/private_cluster_process.h"
#include "database/postgres/connection.h"

namespace hintd::app {
namespace {

constexpr int kConnections = 10'000;
// About 264 bytes a row: 1.06 GB.
constexpr const char* kMakeTable =
    "CREATE UNLOGGED TABLE IF NOT EXISTS hintd_bulk AS SELECT a, repeat(md5(a::text), 8) AS b FROM "
    "generate_series(1, 4000000) a";
constexpr const char* kHugeRow = "SELECT repeat('0123456789', 10000000)";

bool same_bytes(const std::filesystem::path& a, const std::filesystem::path& b) {
  constexpr std::size_t kChunk = 1 << 20;
  std::ifstream first(a, std::ios::binary);
  std::ifstream second(b, std::ios::binary);
  std::vector<char> of_first(kChunk);
  std::vector<char> of_second(kChunk);
  while (first && second) {
    first.read(of_first.data(), kChunk);
    second.read(of_second.data(), kChunk);
    const auto size = first.gcount();
    if (size != second.gcount()) return false;
    if (!std::equal(of_first.begin(), of_first.begin() + size, of_second.begin())) return false;
  }
  return first.eof() && second.eof();
}

class BulkBench {
 public:
  explicit BulkBench(const BulkParts& parts) : parts_(parts) {}

  Result<std::vector<BulkFigure>> run() {
    std::filesystem::create_directories(parts_.folder);
    std::filesystem::permissions(parts_.folder, std::filesystem::perms::all);
    auto measured = measure();
    std::error_code ignored;
    std::filesystem::remove_all(parts_.folder, ignored);
    (void)on(parts_.server, "DROP TABLE IF EXISTS hintd_bulk, hintd_bulk_in");
    return measured;
  }

 private:
  Result<std::vector<BulkFigure>> measure() {
    HINTD_TRY(auto connections, come_and_go());
    parts_.progress.say("making a table of 1 GB");
    HINTD_TRY_STATUS(on(parts_.server, kMakeTable));
    HINTD_TRY(auto out, copy_out());
    HINTD_TRY(auto in, copy_in());
    HINTD_TRY(auto row, huge_row());
    return std::vector<BulkFigure>{std::move(connections), std::move(out), std::move(in),
                                   std::move(row)};
  }

  std::string dsn(const proxy::Address& address) const {
    return "host=" + address.host + " port=" + std::to_string(address.port) +
           " user=" + parts_.user + " dbname=" + parts_.database;
  }

  Result<database::Connection> connect(const proxy::Address& address) const {
    return database::Connection::open({dsn(address), std::chrono::seconds(60), false});
  }

  Result<std::vector<database::TextRow>> on(const proxy::Address& address,
                                            const std::string& sql) const {
    HINTD_TRY(auto connection, connect(address));
    return connection.query(sql);
  }

  // The figure of what `work` does through the proxy, with what that left there.
  template <class Work>
  Result<BulkFigure> figure_of(std::string what, const Work& work) const {
    parts_.progress.say(what);
    BulkFigure figure;
    figure.what = std::move(what);
    const auto memory = parts_.hintd.resident_kib();
    const auto files = parts_.hintd.open_files();
    HINTD_TRY_STATUS(work(figure));
    figure.grown_kib = parts_.hintd.resident_kib() - memory;
    figure.grown_files = parts_.hintd.open_files() - files;
    return figure;
  }

  Result<BulkFigure> come_and_go() const {
    // What a thread keeps from its first clients on is there.
    for (int i = 0; i < 100; ++i) HINTD_TRY_STATUS(connect(parts_.front));
    return figure_of("10,000 connections opened and closed", [this](BulkFigure& figure) -> Status {
      const Stopwatch watch;
      for (int i = 0; i < kConnections; ++i) HINTD_TRY_STATUS(connect(parts_.front));
      figure.proxied_s = Seconds(watch.elapsed()).count();
      return {};
    });
  }

  // Seconds.
  Result<double> psql(const proxy::Address& address, const std::string& command) const {
    HINTD_TRY(const auto user, database::server_user());
    const Stopwatch watch;
    HINTD_TRY(const auto ended,
              database::run_as(user, {parts_.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1",
                                      "-d", dsn(address), "-c", command}));
    if (ended.status == 0) return Seconds(watch.elapsed()).count();
    return fail(ErrorKind::kUnavailable, "psql failed: " + ended.output);
  }

  std::string file(const char* name) const { return (parts_.folder / name).string(); }

  Result<BulkFigure> copy_out() const {
    return figure_of("COPY of 1 GB out", [this](BulkFigure& figure) -> Status {
      const auto to = [&](const char* name) { return "\\copy hintd_bulk TO '" + file(name) + "'"; };
      HINTD_TRY(figure.direct_s, psql(parts_.server, to("direct")));
      HINTD_TRY(figure.proxied_s, psql(parts_.front, to("proxied")));
      figure.whole = same_bytes(file("direct"), file("proxied"));
      return {};
    });
  }

  Result<BulkFigure> copy_in() const {
    return figure_of("COPY of 1 GB in", [this](BulkFigure& figure) -> Status {
      HINTD_TRY_STATUS(on(parts_.server, "CREATE UNLOGGED TABLE hintd_bulk_in (LIKE hintd_bulk)"));
      const auto command = "\\copy hintd_bulk_in FROM '" + file("direct") + "'";
      HINTD_TRY(figure.direct_s, psql(parts_.server, command));
      HINTD_TRY_STATUS(on(parts_.server, "TRUNCATE hintd_bulk_in"));
      HINTD_TRY(figure.proxied_s, psql(parts_.front, command));
      const auto sum_of = [&](const std::string& table) {
        return on(parts_.server, "SELECT count(*), sum(hashtext(t::text)) FROM " + table + " t");
      };
      HINTD_TRY(const auto sent, sum_of("hintd_bulk"));
      HINTD_TRY(const auto arrived, sum_of("hintd_bulk_in"));
      figure.whole = sent == arrived;
      return {};
    });
  }

  Result<BulkFigure> huge_row() const {
    return figure_of("a row of 100 MB", [this](BulkFigure& figure) -> Status {
      HINTD_TRY(auto direct, connect(parts_.server));
      HINTD_TRY(auto proxied, connect(parts_.front));
      HINTD_TRY(const auto expected, direct.fetch(kHugeRow));
      HINTD_TRY(const auto heard, proxied.fetch(kHugeRow));
      figure.direct_s = Seconds(expected.latency).count();
      figure.proxied_s = Seconds(heard.latency).count();
      figure.whole = heard.rows == expected.rows && heard.hash == expected.hash;
      return {};
    });
  }

  const BulkParts& parts_;
};

}  // namespace

std::string BulkFigure::text() const {
  char line[200];
  std::snprintf(line, sizeof line,
                "%s: %s; %.1f s direct, %.1f s through hintd; %+lld KiB, %+d files", what.c_str(),
                whole ? "nothing lost" : "NOT THE SAME", direct_s, proxied_s,
                static_cast<long long>(grown_kib), grown_files);
  return line;
}

Result<std::vector<BulkFigure>> bench_bulk(const BulkParts& parts) {
  return BulkBench(parts).run();
}

}  // namespace hintd::app
