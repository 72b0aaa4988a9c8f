#include "database/demo/private_cluster.h"

#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <utility>

#include "core/check.h"
#include "core/clock.h"
#include "core/log.h"
#include "database/demo/private_cluster_conf.h"
#include "database/demo/private_cluster_folder.h"
#include "database/postgres/connection.h"
#include "database/postgres/retry.h"

namespace hintd::database {
namespace {

namespace fs = std::filesystem;
constexpr const char* kContents = "data data.new run server.log lock";
constexpr const char* kSuperuser = "hintd";
constexpr std::size_t kLongestSocketPath = 107;  // sun_path, without its final zero
constexpr Millis kPoll{20};

std::string whole_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return "";
  const auto before = text.find_last_of('\n', end);
  return text.substr(before == std::string::npos ? 0 : before + 1,
                     end - (before == std::string::npos ? 0 : before + 1) + 1);
}

tl::unexpected<Error> failed(const std::string& what, const std::string& log,
                             const std::string& remedy) {
  const bool full = log.find("No space left on device") != std::string::npos;
  return fail(full ? ErrorKind::kExhausted : ErrorKind::kUnavailable, what + ": " + last_line(log),
              full ? "free space on the disk" : remedy);
}

// The server's process, when it runs on this data folder. A process id alone may have been given to
// another program since.
std::optional<pid_t> running_server(const fs::path& data) {
  pid_t pid = 0;
  if (!(std::ifstream(data / "postmaster.pid") >> pid) || pid <= 1) return std::nullopt;
  const auto command = whole_file("/proc/" + std::to_string(pid) + "/cmdline");
  // Words end with a zero; the folder's must be whole.
  const std::string word = data.string() + '\0';
  return command.find(word) != std::string::npos ? std::optional(pid) : std::nullopt;
}

// PostgreSQL takes any living process of its user for the one that wrote the file.
void remove_stale_pid_file(const fs::path& data, const fs::path& sockets) {
  pid_t pid = 0;
  if (!(std::ifstream(data / "postmaster.pid") >> pid) || kill(pid, 0) != 0) return;
  log_warning("stale_pid_file_removed", {{"pid", static_cast<int>(pid)}});
  std::error_code ignored;
  fs::remove(data / "postmaster.pid", ignored);
  fs::remove(sockets / ".s.PGSQL.5432.lock", ignored);
}

Status write_file(const fs::path& path, const std::string& text, const ServerUser& user,
                  std::ios::openmode mode) {
  std::ofstream file(path, mode);
  file << text;
  file.close();
  if (!file || chown(path.c_str(), user.uid, user.gid) != 0)
    return fail(ErrorKind::kUnavailable, "cannot write " + path.string(),
                "check the disk and the folder's rights");
  return {};
}

std::string quoted(const std::string& text, char quote, const char* escaped) {
  std::string out(1, quote);
  for (const char c : text) {
    if (std::string_view(escaped).find(c) != std::string_view::npos)
      out += quote == '"' ? '"' : '\\';
    out += c;
  }
  return out + quote;
}

}  // namespace

Result<PrivateCluster> PrivateCluster::start(const PrivateClusterConfig& config) {
  HINTD_CHECK(!config.folder.empty(), "a cluster without a folder");
  PrivateCluster cluster(config);
  HINTD_TRY(cluster.user_, server_user());
  HINTD_TRY_STATUS(cluster.choose_folders());
  HINTD_TRY(const auto lock, FolderLock::wait_for(cluster.folder_ / "lock"));
  const auto data = cluster.data_folder();
  if (running_server(data)) {
    const auto ready = cluster.wait_until_ready();
    if (ready) return cluster;
    if (running_server(data)) return tl::make_unexpected(ready.error());
    // It was ending.
  }
  const auto version = last_line(whole_file(data / "PG_VERSION"));
  HINTD_TRY(const auto programs, find_postgres_programs(version));
  if (version.empty()) HINTD_TRY_STATUS(cluster.make_cluster(programs));
  remove_stale_pid_file(data, cluster.socket_directory_);
  HINTD_TRY_STATUS(cluster.write_conf());
  HINTD_TRY_STATUS(cluster.launch(programs));
  cluster.started_here_ = true;
  HINTD_TRY_STATUS(cluster.wait_until_ready());
  return cluster;
}

PrivateCluster::PrivateCluster(PrivateCluster&& other) noexcept
    : config_(std::move(other.config_)),
      user_(other.user_),
      folder_(std::move(other.folder_)),
      socket_directory_(std::move(other.socket_directory_)),
      moved_from_(std::move(other.moved_from_)),
      started_here_(std::exchange(other.started_here_, false)) {}

PrivateCluster::~PrivateCluster() {
  if (!started_here_) return;
  if (const auto stopped = stop(); !stopped)
    log_error("cluster_not_stopped", {{"reason", stopped.error().text()}});
}

Status PrivateCluster::choose_folders() {
  std::error_code error;
  folder_ = fs::weakly_canonical(fs::absolute(config_.folder, error), error);
  if (error)
    return fail(ErrorKind::kInvalidInput, config_.folder.string() + " is not a usable path",
                "choose another folder");
  const bool existed = fs::exists(folder_, error);
  HINTD_TRY_STATUS(make_private_folder(folder_, user_, kContents));
  if (!can_write(user_, folder_)) {
    if (!existed) fs::remove(folder_, error);
    moved_from_ = folder_;
    folder_ = stand_in_for(folder_, "/var/tmp");
    HINTD_TRY_STATUS(make_private_folder(folder_, user_, kContents));
  }
  socket_directory_ = folder_ / "run";
  if ((socket_directory_ / ".s.PGSQL.5432").string().size() > kLongestSocketPath)
    socket_directory_ = stand_in_for(folder_, "/tmp");
  return make_private_folder(socket_directory_, user_, ".s.PGSQL.5432 .s.PGSQL.5432.lock");
}

Status PrivateCluster::make_cluster(const fs::path& programs) const {
  const auto unfinished = folder_ / "data.new";
  std::error_code error;
  fs::remove_all(unfinished, error);
  HINTD_TRY(const auto made,
            run_as(user_, {programs / "initdb", "-D", unfinished, "-U", kSuperuser, "-E", "UTF8",
                           "--locale=C", "--auth-local=trust", "--auth-host=reject"}));
  if (made.status != 0)
    return failed("cannot make a PostgreSQL cluster in " + folder_.string(), made.output,
                  "check the folder's disk and rights");
  HINTD_TRY_STATUS(
      write_file(unfinished / "postgresql.conf", "\ninclude 'hintd.conf'\n", user_, std::ios::app));
  fs::rename(unfinished, data_folder(), error);
  if (error)
    return fail(ErrorKind::kConflict,
                "cannot put the new cluster at " + data_folder().string() + ": " + error.message(),
                "remove that folder if nothing in it is needed");
  return {};
}

Status PrivateCluster::write_conf() const {
  const auto memory = config_.memory_mb > 0 ? config_.memory_mb : usable_memory_mb();
  return write_file(data_folder() / "hintd.conf", cluster_conf(memory, socket_directory_), user_,
                    std::ios::trunc);
}

Status PrivateCluster::launch(const fs::path& programs) const {
  HINTD_TRY(const auto launched, run_as(user_, {programs / "pg_ctl", "start", "-w", "-s", "-t",
                                                std::to_string(config_.patience.count()), "-D",
                                                data_folder(), "-l", log_file()}));
  if (launched.status == 0) return {};
  const auto log = whole_file(log_file());
  return failed("the private PostgreSQL in " + folder_.string() + " did not start",
                log.empty() ? launched.output : log, "see " + log_file().string());
}

Status PrivateCluster::wait_until_ready() const {
  SystemClock clock;
  const BackOff back_off{kPoll, kPoll * 10, config_.patience};
  const auto ready = retry_until_available(clock, back_off, [&]() -> Result<Connection> {
    auto connection = Connection::open({dsn("postgres"), std::chrono::seconds(5)});
    if (connection || running_server(data_folder())) return connection;
    return fail(ErrorKind::kConflict, "the server has ended", "see " + log_file().string());
  });
  if (ready) return {};
  return failed("the private PostgreSQL in " + folder_.string() +
                    " does not take connections: " + ready.error().message,
                whole_file(log_file()), "see " + log_file().string());
}

Status PrivateCluster::stop() {
  const auto server = running_server(data_folder());
  started_here_ = false;
  if (!server) return {};
  kill(*server, SIGINT);
  SystemClock clock;
  const auto give_up = clock.now() + config_.patience;
  while (running_server(data_folder()) == server) {
    if (clock.now() >= give_up)
      return fail(ErrorKind::kUnavailable,
                  "the private PostgreSQL in " + folder_.string() + " does not stop",
                  "see " + log_file().string());
    clock.wait_until(clock.now() + std::chrono::ceil<std::chrono::microseconds>(kPoll));
  }
  return {};
}

std::string PrivateCluster::dsn(const std::string& database) const {
  return "host=" + quoted(socket_directory_.string(), '\'', "'\\") +
         " port=5432 user=" + kSuperuser + " dbname=" + quoted(database, '\'', "'\\");
}

Status PrivateCluster::create_database_if_missing(const std::string& name) {
  HINTD_TRY(auto connection,
            Connection::open({dsn("postgres"), std::chrono::seconds(5), /*read_only=*/false}));
  HINTD_TRY(const auto databases, connection.query("SELECT datname FROM pg_database"));
  for (const auto& row : databases)
    if (row[0] == name) return {};
  HINTD_TRY_STATUS(connection.query("CREATE DATABASE " + quoted(name, '"', "\"")));
  return {};
}

}  // namespace hintd::database
