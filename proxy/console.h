// The proxy as a database of its own: SHOW hintd.status|templates|policy|stats, answered without
// the server, so that psql is an admin console.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hintd::proxy {

struct ConsoleTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

// Thread-safe.
class Console {
 public:
  virtual ~Console() = default;
  // Nothing for a topic it does not have.
  virtual std::optional<ConsoleTable> show(std::string_view topic) const = 0;
};

// "show hintd.stats;" -> "stats"; empty when the text is no such statement.
std::string console_topic(std::string_view text);

}  // namespace hintd::proxy
