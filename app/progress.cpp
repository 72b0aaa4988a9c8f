#include "app/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hintd::app {

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (open_) std::fputc('\n', stderr);
}

void Progress::update(std::string_view line) {
  const auto now = std::chrono::steady_clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000);
  if (quiet_ || now - last_ < pause) return;
  last_ = now;
  std::fprintf(stderr, terminal_ ? "\r\033[K%.*s" : "%.*s\n", static_cast<int>(line.size()),
               line.data());
  open_ = terminal_;
}

void Progress::say(std::string_view line) {
  if (quiet_) return;
  std::fprintf(stderr, open_ ? "\r\033[K%.*s\n" : "%.*s\n", static_cast<int>(line.size()),
               line.data());
  open_ = false;
}

std::string duration_text(double seconds) {
  char text[48];
  const auto whole = static_cast<long>(std::lround(std::max(0.0, seconds)));
  if (whole < 60)
    std::snprintf(text, sizeof text, "%ld s", whole);
  else
    std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
  return text;
}

std::string bar(double fraction, int width) {
  const int filled = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * width));
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(width - filled), '.') + "]";
}

}  // namespace hintd::app
