#!/usr/bin/env bash
# Drives a real browser against a live `hintd demo`; pictures of every screen are kept.
# usage: tests/browser/run.sh HINTD WORK SCREENSHOTS
set -euo pipefail

hintd=$1 work=$2 shots=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for program in node npm chromium; do
  command -v "$program" >/dev/null || {
    echo "the browser test needs $program: run scripts/install-deps --tests" >&2
    exit 1
  }
done
mkdir -p "$work" "$shots"
cp "$here"/{package.json,package-lock.json,*.mjs} "$work"
cd "$work"
wanted=$(sha256sum package-lock.json)
if [ "$(cat installed 2>/dev/null)" != "$wanted" ]; then
  npm ci --no-audit --no-fund --loglevel=error || {
    echo "the browser test's npm packages could not be fetched: is there a network?" >&2
    exit 1
  }
  printf '%s\n' "$wanted" >installed
fi
exec node dashboard_test.mjs "$hintd" "$shots"
