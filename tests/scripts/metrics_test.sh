#!/usr/bin/env bash
# The alert rules do what they say, and rules and dashboard name only metrics that hintd has.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v promtool >/dev/null || {
  echo "promtool is missing: run scripts/install-deps --tests" >&2
  exit 1
}
promtool check rules config/prometheus/alerts.yml
promtool test rules config/prometheus/alerts_test.yml

named=$(grep -oh 'hintd_[a-z_]*' config/prometheus/alerts.yml config/grafana/hintd.json |
  sed 's/_bucket$//' | sort -u)
for metric in $named; do
  grep -q "\"$metric\"" dashboard/metrics.cpp || {
    echo "$metric is no metric of dashboard/metrics.cpp" >&2
    exit 1
  }
done
