// The real program hintd, run as a user runs it, against the test cluster.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "test_cluster.h"

namespace hintd::test {

inline std::string content_of(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

struct Ended {
  int status = 0;  // 128 + signal when it was killed
  std::string out;
  std::string err;
};

// Killed at the end of its scope unless it has ended.
class Program {
 public:
  // `settings` are NAME=VALUE of the environment.
  explicit Program(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& settings = {}) {
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const std::string out = output_.path() / "out";
    pid_ = fork();
    if (pid_ == 0) {
      dup2(pipe_ends[1], STDERR_FILENO);
      dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644), STDOUT_FILENO);
      dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
      for (const auto& setting : settings) {
        const auto split = setting.find('=');
        setenv(setting.substr(0, split).c_str(), setting.substr(split + 1).c_str(), 1);
      }
      std::vector<char*> words = {const_cast<char*>(HINTD_PROGRAM)};
      for (const auto& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
      words.push_back(nullptr);
      execv(HINTD_PROGRAM, words.data());
      _exit(127);
    }
    close(pipe_ends[1]);
    err_ = fdopen(pipe_ends[0], "r");
  }
  ~Program() {
    if (pid_ > 0) (void)finish_after(SIGKILL);
    fclose(err_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Reads stderr up to a line that begins with `text`; false when it ended without one.
  bool wait_for(const std::string& text) { return !line_with(text).empty(); }

  // The same line; empty when it ended without one.
  std::string line_with(const std::string& text) {
    for (std::string line = next_line(); !line.empty(); line = next_line())
      if (line.starts_with(text)) return line;
    return {};
  }

  pid_t pid() const { return pid_; }

  Ended finish() {
    while (!next_line().empty()) {
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            content_of(output_.path() / "out"), read_};
  }

  Ended finish_after(int signal) {
    kill(pid_, signal);
    return finish();
  }

 private:
  std::string next_line() {
    std::string line;
    for (int c = fgetc(err_); c != EOF; c = fgetc(err_)) {
      line += static_cast<char>(c);
      if (c == '\n') break;
    }
    read_ += line;
    return line;
  }

  ScratchFolder output_;
  pid_t pid_ = -1;
  FILE* err_ = nullptr;
  std::string read_;
};

inline Ended run_program(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& settings = {}) {
  return Program(arguments, settings).finish();
}

// A demo of seconds: little data, half a simulated day, few literals to examine.
inline const std::vector<std::string> kQuickSettings = {"HINTD_SIMULATION_EXPLORE_BUDGET_S=3",
                                                        "HINTD_WORKLOAD_HELD_OUT_LITERALS=1"};

inline std::vector<std::string> quick_demo(const std::string& dsn, const std::filesystem::path& out,
                                           const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"demo",       "--fast-mode", "--scale",   "0.01",
                                        "--duration", "0.5",         "--queries", "20",
                                        "--dsn",      dsn,           "--out",     out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// A fresh database of the test cluster.
inline std::string fresh_database(const std::string& name) {
  const auto made = cluster().create_database_if_missing(name);
  if (!made) throw std::runtime_error(made.error().text());
  return cluster_dsn(name);
}

}  // namespace hintd::test
