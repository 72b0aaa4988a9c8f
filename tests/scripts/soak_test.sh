#!/usr/bin/env bash
# The settings that scripts/soak gives the daemon are settings.
# usage: tests/scripts/soak_test.sh HINTD
set -euo pipefail
hintd=$(realpath "${1:?usage: tests/scripts/soak_test.sh HINTD}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mapfile -t settings < <(grep -oE 'HINTD_[A-Z0-9_]+=[^ )]+' scripts/soak)
[ ${#settings[@]} -gt 0 ] || { echo "scripts/soak gives none" >&2; exit 1; }
env "${settings[@]}" "$hintd" config check
! env HINTD_SERVE_NO_SUCH_THING=1 "$hintd" config check 2>/dev/null
