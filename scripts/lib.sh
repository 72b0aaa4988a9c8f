# shellcheck shell=bash disable=SC2034
# What the scripts beside it share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*"; }

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# What ctest takes for a test that cannot be run here.
skip() {
  printf 'skipped: %s\n' "$*" >&2
  exit 77
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# While the script lives: how long a step has taken, and its log's last line. On a terminal one line
# that is kept up to date, else a line every 10 s.
tick() {
  local log=$1 started=$SECONDS sleeper='' interval=10 line='   %d s  %s\n'
  [ ! -t 1 ] || { interval=1 line='\r\033[K   %d s  %s'; }
  trap 'kill "$sleeper" 2>/dev/null; exit' TERM
  while :; do
    sleep "$interval" >/dev/null 2>&1 &
    sleeper=$!
    wait "$sleeper"
    kill -0 $$ 2>/dev/null || exit
    # shellcheck disable=SC2059
    printf "$line" $((SECONDS - started)) "$(tail -n 1 "$log" 2>/dev/null | cut -c 1-70)"
  done
}

# with_ticks LOG COMMAND...: runs the command in the foreground, with ticks; its exit code.
with_ticks() {
  local log=$1 rc=0
  shift
  tick "$log" &
  local ticker=$!
  "$@" || rc=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [ ! -t 1 ] || printf '\r\033[K'
  return "$rc"
}

# step TITLE LOG COMMAND...: runs the command with its output in the log, which is shown should it
# fail.
step() {
  local title=$1 log=$2 rc=0 started=$SECONDS
  shift 2
  mkdir -p "$(dirname "$log")"
  : >"$log"
  say "-- $title"
  with_ticks "$log" run_logged "$log" "$@" || rc=$?
  if [ "$rc" -ne 0 ]; then
    tail -n 40 "$log" >&2
    die "$title failed after $((SECONDS - started)) s; the whole log is $log"
  fi
}

run_logged() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null
}
