// What long work shows on stderr: on a terminal one line that is rewritten in place, elsewhere a
// line now and then, so that a log stays readable.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace hintd::app {

class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows the line if the last one is old enough (0.1 s on a terminal, 5 s elsewhere).
  void update(std::string_view line);
  // Shows the line and ends it: it stays.
  void say(std::string_view line);

 private:
  bool quiet_;
  bool terminal_;
  bool open_ = false;  // an unfinished line stands on the terminal
  std::chrono::steady_clock::time_point last_{};
};

// "12 s", "3 min 05 s".
std::string duration_text(double seconds);
// "[#####.....]"
std::string bar(double fraction, int width = 20);

}  // namespace hintd::app
