#!/bin/bash
# Prints a directory that holds Debian's current kernel, unpacked (boot/, lib/modules); fetches it when it is not in the
# cache. The cloud kernel will not do: it has no 9p.
set -euo pipefail

cache=${GOCKER_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gocker-test}/vm
package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
if [ -z "$package" ]; then
  apt-get update -qq >&2
  package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
fi
[ -n "$package" ] || { echo "kernel.sh: no kernel package behind linux-image-amd64" >&2; exit 125; }

directory=$cache/$package
if [ ! -d "$directory" ]; then
  mkdir -p "$cache"
  work=''
  trap 'rm -rf "$work"' EXIT
  work=$(mktemp -d "$cache/making-XXXXXX")
  (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$package") >&2
  dpkg-deb -x "$work"/*.deb "$work/root"
  # usr-merged releases ship usr/lib/modules
  [ -d "$work/root/lib" ] || ln -s usr/lib "$work/root/lib"
  depmod -b "$work/root" "$(basename "$work"/root/boot/vmlinuz-* | sed s/^vmlinuz-//)"
  mv "$work/root" "$directory"
fi
echo "$directory"
