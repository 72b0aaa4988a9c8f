#!/usr/bin/env bash
# scripts/demo hands its options and a Ctrl-C to hintd, once, waits for hintd's report, and ends with
# hintd's exit code.
# usage: tests/scripts/demo_test.sh
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# A house in which everything is installed and built, and hintd only waits for its signal.
mkdir -p "$tree/scripts" "$tree/build/release"
cp "$source/scripts/demo" "$source/scripts/lib.sh" "$tree/scripts"
printf '#!/bin/sh\n' | tee "$tree/scripts/install-deps" >"$tree/scripts/build"
cat >"$tree/build/release/hintd" <<'EOF'
#!/usr/bin/env bash
trap 'echo interrupted; interrupts=$((interrupts + 1))' INT
interrupts=0
echo "arguments: $*"
[ "$3" = --fail ] && exit 3
echo started >"$(dirname "$0")/started"
while [ "$interrupts" -eq 0 ]; do read -r -t 0.1 <>"$(dirname "$0")/never" || true; done
echo "report after $interrupts interrupt"
EOF
mkfifo "$tree/build/release/started" "$tree/build/release/never"
chmod +x "$tree"/scripts/* "$tree/build/release/hintd"

fail() {
  echo "$1"
  cat "$tree/output"
  exit 1
}

rc=0
"$tree/scripts/demo" --fail >"$tree/output" 2>&1 || rc=$?
[ "$rc" -eq 3 ] || fail "exit code $rc instead of hintd's own 3"
grep -qx 'arguments: demo --fast-mode --fail' "$tree/output" || fail "the options got lost"

# As a terminal does it: the signal goes to the whole process group.
set -m
"$tree/scripts/demo" --seed 7 >"$tree/output" 2>&1 &
demo=$!
set +m
read -r <"$tree/build/release/started"
kill -INT -- -"$demo"
rc=0
wait "$demo" || rc=$?
[ "$rc" -eq 0 ] || fail "exit code $rc instead of hintd's own 0"
grep -qx 'report after 1 interrupt' "$tree/output" || fail "hintd's report got lost"
