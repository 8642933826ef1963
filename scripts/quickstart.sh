#!/bin/bash
# From a fresh clone to a running container: installs what is missing, builds, pulls an image, lists it, runs a program
# under limits and a second one beside it. Everything that it makes outside the clone is removed again.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. scripts/prepare.sh

need_node
install_dependencies
quietly npm run --silent build

work='' registry='' container=''
# However it ends: a bridge and its rules would outlive the root that knows of them.
finish() {
  [ -z "$container" ] || { gocker rm -f demo >/dev/null 2>&1 || true; wait "$container" || true; }
  [ -z "$registry" ] || { kill "$registry"; wait "$registry" || true; } 2>/dev/null
  [ -z "$work" ] || { gocker network prune --force >/dev/null 2>&1 || true; rm -rf "$work"; }
}
trap finish EXIT
work=$(mktemp -d /var/tmp/gocker-quickstart-XXXXXX)
export GOCKER_ROOT=$work/root GOCKER_RUN=$work/run

gocker() { node bin/run.js "$@"; }
# Shows a command as one would type it, and runs it.
try() {
  local word line='$ gocker'
  for word in "$@"; do
    case $word in *[!A-Za-z0-9_=./:-]*) line+=" ${word@Q}" ;; *) line+=" $word" ;; esac
  done
  printf '\n%s\n' "$line"
  gocker "$@"
}

hub_answers() {
  node -e 'fetch("https://registry-1.docker.io/v2/", { signal: AbortSignal.timeout(5000) })
    .then(({ status }) => process.exit([200, 401].includes(status) ? 0 : 1), () => process.exit(1))'
}

# A static busybox: the installed one, else one unpacked beside.
static_busybox() {
  if dpkg-query -W -f '${db:Status-Status}' busybox-static 2>/dev/null | grep -qx installed; then
    command -v busybox
    return
  fi
  mkdir "$work/deb"
  cd "$work/deb"
  local download=(apt-get -q -o APT::Sandbox::User=root download busybox-static)
  # Without fresh package lists there may be nothing to find yet.
  "${download[@]}" >/dev/null 2>&1 || { quietly apt-get update -q && quietly "${download[@]}"; }
  dpkg-deb -x busybox-static_*.deb .
  find "$PWD" -path '*/bin/busybox' -type f
}

own_registry() {
  say "Docker Hub cannot be reached from here: a registry on loopback serves an alpine made of Debian's busybox instead"
  local busybox
  busybox=$(static_busybox)
  node scripts/quickstart-registry.js "$busybox" "$work/image" >"$work/address" &
  registry=$!
  for _ in $(seq 100); do [ -s "$work/address" ] && break; sleep 0.1; done
  [ -s "$work/address" ] || die "the registry did not start"
  GOCKER_MIRRORS="docker.io=$(cat "$work/address")"
  export GOCKER_MIRRORS
}

hub_answers && timeout 120 node bin/run.js pull -q alpine >/dev/null 2>&1 || own_registry

try pull alpine
try images
try run --rm alpine echo 'hello from a container'

limits=(--mem=64m --cpus=0.5 --pids=16)
printf '\n$ gocker run --name demo %s alpine sleep 60 &\n' "${limits[*]}"
gocker run --name demo "${limits[@]}" alpine sleep 60 &
container=$!
for _ in $(seq 100); do
  [ -z "$(gocker ps -q)" ] || break
  kill -0 "$container" 2>/dev/null || break
  sleep 0.1
done

try ps
try exec demo ps
try exec demo sh -c 'echo "inside $(hostname), as $(id -un)"'
try rm -f demo
wait "$container" || true
container=
try rmi alpine
printf '\nThat is gocker. `node bin/run.js --help` shows the rest; README.md has more to try.\n'
