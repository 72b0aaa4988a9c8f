#!/usr/bin/env bash
# The package that is made of this build can be installed, serves, and goes without leftovers.
# usage: tests/scripts/package_test.sh BUILD
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$(realpath "${1:?usage: tests/scripts/package_test.sh BUILD}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cpack --config "$build/CPackConfig.cmake" -B "$scratch" >"$scratch/cpack.log" 2>&1 || {
  cat "$scratch/cpack.log" >&2
  exit 1
}
scripts/test-package "$scratch"/hintd_*.deb
