#include "database/demo/private_cluster_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace hintd::database {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kKeptOutput = 4000;
constexpr int kNewestVersion = 30;
constexpr int kCannotExec = 127;

// Between fork and exec: only what is safe there while other threads run.
[[noreturn]] void become(const ServerUser& user, char* const* arguments, int output) {
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  const bool changed = !user.is_other || (setgroups(1, &user.gid) == 0 && setgid(user.gid) == 0 &&
                                          setuid(user.uid) == 0);
  if (changed && chdir("/") == 0) execv(arguments[0], arguments);
  _exit(kCannotExec);
}

// The server that pg_ctl leaves behind writes to its log file, so the pipe ends with the command.
std::string read_to_end(int pipe) {
  std::string output;
  char buffer[4096];
  for (ssize_t n; (n = read(pipe, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR);) {
    if (n > 0) output.append(buffer, static_cast<std::size_t>(n));
    if (output.size() > kKeptOutput) output.erase(0, output.size() - kKeptOutput);
  }
  return output;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool has_programs(const fs::path& folder) {
  return access((folder / "initdb").c_str(), X_OK) == 0 &&
         access((folder / "pg_ctl").c_str(), X_OK) == 0;
}

std::vector<fs::path> program_folders(const std::string& version) {
  std::vector<fs::path> folders;
  const auto add_debian = [&](const std::string& v) {
    folders.push_back(fs::path("/usr/lib/postgresql") / v / "bin");
  };
  if (!version.empty()) {
    add_debian(version);
    return folders;
  }
  for (int v = 15; v <= kNewestVersion; ++v) add_debian(std::to_string(v));
  const char* path = std::getenv("PATH");
  std::istringstream entries(path ? path : "");
  for (std::string entry; std::getline(entries, entry, ':');)
    if (!entry.empty()) folders.emplace_back(entry);
  return folders;
}

}  // namespace

Result<ServerUser> server_user() {
  if (geteuid() != 0) return ServerUser{geteuid(), getegid(), false};
  const passwd* entry = getpwnam("postgres");
  if (!entry)
    return fail(ErrorKind::kNotFound,
                "PostgreSQL does not run as root, and there is no user 'postgres'",
                "install postgresql-15, or run as an ordinary user");
  return ServerUser{entry->pw_uid, entry->pw_gid, true};
}

Result<Finished> run_as(const ServerUser& user, const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return fail(ErrorKind::kUnavailable, std::string("no pipe: ") + std::strerror(errno));
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  const pid_t child = fork();
  if (child == 0) become(user, arguments.data(), ends[1]);
  close(ends[1]);
  Finished finished;
  if (child > 0) {
    finished.output = read_to_end(ends[0]);
    finished.status = wait_for(child);
  }
  close(ends[0]);
  if (child < 0 || finished.status == kCannotExec)
    return fail(ErrorKind::kUnavailable, "cannot run " + command[0],
                "check that it is installed and may be run");
  return finished;
}

Result<fs::path> find_postgres_programs(const std::string& version) {
  for (const auto& folder : program_folders(version))
    if (has_programs(folder)) return folder;
  return fail(ErrorKind::kNotFound,
              "PostgreSQL's programs (initdb, pg_ctl) of version " +
                  (version.empty() ? std::string("15 or later") : version) + " are not installed",
              "install postgresql-" + (version.empty() ? std::string("15") : version));
}

}  // namespace hintd::database
