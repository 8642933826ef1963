# Sourced by quickstart.sh and test.sh: brings a fresh Debian with Node and git to where gocker can run from its clone.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Runs a command silently; shows what it printed only when it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  [ "$status" = 0 ] || { say "failed: $*"; cat "$log" >&2; }
  rm -f "$log"
  return "$status"
}

# Installs Debian packages that are not there.
need_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  install_packages "${missing[@]}"
}

# No service of theirs is started: policy-rc.d(8) says so while it lasts. A subshell, so that it goes by Ctrl-C, too.
install_packages() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  quietly apt-get update -q &&
    quietly env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
)

need_node() {
  command -v node >/dev/null || need_packages nodejs
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    die "Node $(node --version) is too old: gocker needs 20.19 or newer"
  command -v npm >/dev/null || need_packages npm
}

# node_modules as package-lock.json says. A linked one is somebody's own arrangement and stays as it is.
install_dependencies() {
  local stamp=node_modules/.installed-from
  if [ -L node_modules ] || cmp -s package-lock.json "$stamp"; then return 0; fi
  say "installing packages from npm"
  quietly npm ci --no-audit --no-fund
  cp package-lock.json "$stamp"
}

[ "$(id -u)" = 0 ] || die "run this as root: containers need it"
