#!/usr/bin/env bash
# scripts/check-includes names each line that breaks a rule, and passes a tree that keeps them.
# usage: tests/scripts/check_includes_test.sh
set -euo pipefail

check=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/scripts/check-includes
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# put FILE LINE...
put() {
  mkdir -p "$tree/$(dirname "$1")"
  printf '%s\n' "${@:2}" >"$tree/$1"
}

put core/result.h '#include <string>' '#include <tl/expected.hpp>'
put core/log.cpp '#include "core/log.h"' '#include <spdlog/spdlog.h>'
put database/connection.cpp '#include <pqxx/pqxx>' '#include "core/result.h"'
put learning/net.h '#include <Eigen/Dense>'
put config/settings.h '#include "learning/agent/agent_config.h"'
put dashboard/server.cpp '#include "telemetry/reader.h"' '#include <sys/socket.h>'
put app/main.cpp '#include "learning/net.h"' '#include <CLI/CLI.hpp>'
put tests/core/result_test.cpp '#include <gtest/gtest.h>' '#include "support.h"'
"$check" "$tree" >/dev/null || {
  echo "a tree that keeps the rules was refused"
  exit 1
}

put core/clock.cpp '#include "telemetry/reader.h"'
put core/event.cpp '' '#include <spdlog/spdlog.h>'
put learning/agent.cpp '#include "safety/guard.h"' '  #  include "database/connection.h"'
put database/connection.h '#include <pqxx/pqxx>'
put telemetry/report.cpp '#include <yaml-cpp/yaml.h>' '#include "reader.h"' '#include <boost/any.hpp>'
put dashboard/server.cpp '#include "database/connection.h"'
put config/settings.cpp '#include "learning/net.h"'
expected="config/settings.cpp:1: config may not include learning
core/clock.cpp:1: core may not include telemetry
core/event.cpp:2: <spdlog/spdlog.h> belongs to core/log.cpp
dashboard/server.cpp:1: dashboard may not include database
database/connection.h:1: <pqxx/pqxx> belongs in a .cpp file
learning/agent.cpp:1: learning may not include safety
learning/agent.cpp:2: learning may not include database
telemetry/report.cpp:1: <yaml-cpp/yaml.h> belongs to config
telemetry/report.cpp:2: \"reader.h\" is not written as \"room/file.h\"
telemetry/report.cpp:3: <boost/any.hpp> is unknown; add it to scripts/include_rules.awk"

if found=$("$check" "$tree" 2>&1); then
  echo "a tree that breaks the rules was passed"
  exit 1
fi
diff <(echo "$expected") <(echo "$found") || {
  echo "the rules that were broken (<) are not those that were named (>)"
  exit 1
}
