# Who may include whom: docs/architecture.md. Prints file:line: rule for every include that breaks one.

BEGIN {
  room("core", "")
  room("database", "core")
  room("learning", "core")
  room("safety", "core")
  room("telemetry", "core")
  room("proxy", "core database safety")
  room("advisor", "core database safety")
  room("dashboard", "core telemetry")
  room("config", "core")  # and every *_config.h
  room("app", "core database learning safety telemetry proxy advisor dashboard config")

  # Header, the places that may include it, and whether a header of theirs may.
  vendor("^pg_query\\.h$", "core", 0)
  vendor("^(spdlog|fmt)/", "core/log.cpp", 0)
  vendor("^tl/", "core", 1)
  vendor("^(pqxx/|libpq-fe\\.h$)", "database", 0)
  vendor("^(torch|ATen|c10|caffe2)/", "learning", 0)
  vendor("^Eigen/", "learning", 1)
  vendor("^sqlite3\\.h$", "telemetry tests/telemetry", 0)
  vendor("^zstd\\.h$", "telemetry", 0)
  vendor("^yaml-cpp/", "config", 0)
  vendor("^CLI/", "app", 0)
  vendor("^httplib\\.h$", "dashboard", 0)
  vendor("^asio", "proxy", 1)
  vendor("^openssl/", "proxy dashboard", 0)
  vendor("^zlib\\.h$", "dashboard", 0)
  vendor("^nlohmann/json_fwd\\.hpp$", "dashboard tests", 1)
  vendor("^nlohmann/", "database learning safety telemetry dashboard app tests bench", 0)
  vendor("^(gtest|gmock)/", "tests", 1)
  vendor("^benchmark/", "bench", 0)
}

function room(name, below) { sees[name] = " " name " " below " " }

function vendor(pattern, places, in_headers) {
  vendors[++vendor_count] = pattern
  allowed[vendor_count] = places
  headers_too[vendor_count] = in_headers
}

function broken(rule) {
  printf "%s:%d: %s\n", FILENAME, FNR, rule
  failures++
}

# Whether FILENAME lies in one of the places, each a folder or a file.
function lies_in(places, list, n, i) {
  n = split(places, list, " ")
  for (i = 1; i <= n; i++)
    if (FILENAME == list[i] || index(FILENAME, list[i] "/") == 1) return 1
  return 0
}

function check_vendor(header, i) {
  for (i = 1; i <= vendor_count; i++) {
    if (header !~ vendors[i]) continue
    if (!lies_in(allowed[i])) broken("<" header "> belongs to " allowed[i])
    else if (FILENAME ~ /\.h$/ && !headers_too[i]) broken("<" header "> belongs in a .cpp file")
    return
  }
  # The standard library and the system: <vector>, <unistd.h>, <sys/wait.h>.
  if (header ~ /\// && header !~ /^(sys|netinet|arpa|linux)\//)
    broken("<" header "> is unknown; add it to scripts/include_rules.awk")
}

function check_room(header, parts, from, to) {
  split(FILENAME, parts, "/")
  from = parts[1]
  split(header, parts, "/")
  to = parts[1]
  # CMake links a test program to what its room sees.
  if (from == "tests" || from == "bench" || from == "fuzz") return
  if (!(to in sees)) broken("\"" header "\" is not written as \"room/file.h\"")
  else if (from == "config" && header ~ /_config\.h$/) return
  else if (index(sees[from], " " to " ") == 0) broken(from " may not include " to)
}

/^[ \t]*#[ \t]*include[ \t]*</ {
  split($0, parts, /[<>]/)
  check_vendor(parts[2])
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
  split($0, parts, /"/)
  check_room(parts[2])
}

END { exit failures > 0 }
