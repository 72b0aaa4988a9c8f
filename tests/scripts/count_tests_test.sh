#!/usr/bin/env bash
# scripts/count-tests counts cases, not programs, and hides no crash.
# usage: tests/scripts/count_tests_test.sh
set -euo pipefail

count=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/scripts/count-tests
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# entry NAME STATUS: what ctest says of one of its entries.
entry() { printf '\t<testcase name="%s" classname="%s" time="0.1" status="%s">\n' "$1" "$1" "$2"; }

# cases NAME TESTS FAILURES SKIPPED: what a program of GoogleTest wrote.
cases() {
  {
    printf '<testsuites tests="%s" failures="%s" disabled="0" errors="0" name="All">\n' "$2" "$3"
    for ((i = 0; i < $4; i++)); do printf '  <skipped message="no server" />\n'; done
    printf '</testsuites>\n'
  } >"$folder/$1_tests.xml"
}

# expect EXIT_CODE LAST_LINE
expect() {
  local rc=0 output
  output=$("$count" "$folder" 2>&1) || rc=$?
  [ "$rc" = "$1" ] && [ "$(tail -n 1 <<<"$output")" = "$2" ] && return
  echo "expected exit $1 and '$2'; had exit $rc and '$output'"
  exit 1
}

{ entry core run; entry formatting run; } >"$folder/ctest.xml"
cases core 95 0 0
expect 0 "96 passed, 0 failed"

cases core 95 2 3
{ entry core fail; entry formatting fail; } >"$folder/ctest.xml"
expect 1 "90 passed, 3 failed"

# All cases passed, then the program crashed.
cases core 95 0 0
entry core fail >"$folder/ctest.xml"
expect 1 "95 passed, 1 failed"

# A program that crashed early wrote nothing.
rm "$folder/core_tests.xml"
expect 1 "0 passed, 1 failed"

# A check that cannot run here is not one that could not be started.
{
  entry formatting run
  entry package notrun
  printf '\t\t<skipped message="SKIP_RETURN_CODE=77"/>\n'
} >"$folder/ctest.xml"
expect 0 "1 passed, 0 failed"
{
  entry formatting run
  entry package notrun
  printf '\t\t<skipped message="Unable to find executable"/>\n'
} >"$folder/ctest.xml"
expect 1 "1 passed, 1 failed"

: >"$folder/ctest.xml"
expect 1 "no test ran"
