#!/usr/bin/env bash
# What the Dockerfile, the compose file, the systemd unit and the completion name is there: files,
# paths that the package installs, the user it makes, settings, commands.
# usage: tests/scripts/packaging_test.sh HINTD
set -euo pipefail
hintd=$(realpath "${1:?usage: tests/scripts/packaging_test.sh HINTD}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "$*" >&2
  exit 1
}
dockerfile=packaging/Dockerfile
instruction() { sed -n "s/^$1 //p" "$dockerfile"; }

# Built from the tree: what is copied is there, and what is run can be.
while read -r source _; do
  [[ $source == --from=* ]] || [ -e "$source" ] || fail "$dockerfile copies $source, which is not there"
done < <(instruction COPY)
for script in $(instruction RUN | grep -o 'scripts/[a-z-]*'); do
  [ -x "$script" ] || fail "$dockerfile runs $script, which cannot be run"
done
diff <({ echo .git; sed 's|^/||; s|/$||' .gitignore; } | sort) <(grep -v "^#" .dockerignore | sort) >&2 ||
  fail ".dockerignore leaves out something else than what git ignores"

# The image does what the systemd unit does, with what the package brings.
started=$(python3 -c 'import json, sys; print(" ".join(w for line in sys.stdin for w in json.loads(line)))' \
  < <(instruction ENTRYPOINT; instruction CMD))
[ "ExecStart=$started" = "$(grep '^ExecStart=' packaging/hintd.service)" ] || fail "the image starts '$started', the unit something else"
user=$(instruction USER)
grep -q "^User=$user$" packaging/hintd.service || fail "the image runs as $user, the unit as somebody else"
grep -q "useradd .* $user$" <<<"$(sed ':a; /\\$/ { N; s/\\\n//; ba }' packaging/postinst)" || fail "the package makes no user $user"
grep -q "install -d -o $user .* $(instruction VOLUME)$" packaging/postinst || fail "the package makes no $(instruction VOLUME)"
while read -r conffile; do
  grep -q "DESTINATION $(dirname "$conffile")\b" cmake/package.cmake || fail "packaging/conffiles names $conffile, which is not installed"
done <packaging/conffiles

# Compose: what it refers to is declared, and its settings are settings.
python3 - >"$scratch/environment" <<'PYTHON'
import os, yaml
compose = yaml.safe_load(open("packaging/compose.yaml"))
for name, service in compose["services"].items():
    build = service.get("build")
    if build:
        context = os.path.join("packaging", build["context"])
        assert os.path.exists(os.path.join(context, build["dockerfile"])), f"{name}: no {build['dockerfile']}"
    for secret in service.get("secrets", []):
        assert secret in compose["secrets"], f"{name}: the secret {secret} is not declared"
    for volume in service.get("volumes", []):
        assert volume.split(":")[0] in compose["volumes"], f"{name}: the volume {volume} is not declared"
    for other in service.get("depends_on", []):
        assert other in compose["services"], f"{name}: there is no service {other}"
    for key, value in service.get("environment", {}).items():
        if key.endswith("_FILE"):
            assert os.path.basename(value) in service["secrets"], f"{name}: {key} names no secret"
        if key.startswith("HINTD_"):
            print(f"{key}={value}")
PYTHON
echo "host=127.0.0.1 user=hintd dbname=shop" >"$scratch/hintd_dsn"
mapfile -t environment < <(sed "s|/run/secrets|$scratch|" "$scratch/environment")
env "${environment[@]}" "$hintd" config check --config config/hintd.yaml >"$scratch/check" 2>&1 ||
  fail "with the compose file's environment: $(cat "$scratch/check")"

# Completion. Into grep by way of a string: grep -q leaves a pipe at its first match, and what still
# writes into it then fails.
mkdir "$scratch/bin"
ln -s "$hintd" "$scratch/bin/hintd"
completed() {
  PATH=$scratch/bin:$PATH bash -c '. packaging/completion.bash
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _hintd; printf "%s\n" "${COMPREPLY[@]}"' completion "$@"
}
[ "$(completed hintd telem)" = telemetry ] || fail "'hintd telem' is not completed"
grep -qx restore <<<"$(completed hintd telemetry '')" || fail "'hintd telemetry restore' is not proposed"
grep -qx -- --config <<<"$(completed hintd serve --con)" || fail "'hintd serve --con' is not completed"
