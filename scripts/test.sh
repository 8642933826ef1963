#!/bin/bash
# Everything that can be tested, from a fresh clone: installs what the tests need, checks, runs the unit tests, the
# integration tests and, in a virtual machine with cgroup v2 alone, the limits tests; then looks for what was left behind.
# The last line is `N passed, N failed[, N skipped]`.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. scripts/prepare.sh

need_node || exit 1
packages=(attr btrfs-progs busybox-static catatonit cpio docker-registry iproute2 iptables kmod libcap2-bin libisal2 mmdebstrap nftables procps skopeo strace tmux umoci xz-utils zstd)
[ "$(uname -m)" != x86_64 ] || packages+=(qemu-system-x86)
need_packages "${packages[@]}" || exit 1
install_dependencies || exit 1

results=''
trap 'rm -rf "$results"' EXIT
results=$(mktemp -d -t gocker-results-XXXXXX)
failed=()
# Runs one part; a part that fails without a report of its own counts as one failed test.
part() {
  local name=$1 begin=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@" || failed+=("$name")
  printf '== %s took %s s\n' "$name" $((SECONDS - begin))
}
json() { echo --reporter=default --reporter=json "--outputFile.json=$results/$1.json"; }

quietly npm run --silent build || failed+=(build)
node scripts/leaks.js save "$results/before"
# shellcheck disable=SC2046
part check npm run --silent check -- $(json unit)
# shellcheck disable=SC2046
part integration npx vitest run --project integration $(json integration)
if [ "$(uname -m)" = x86_64 ]; then
  part 'cgroup v2' env VM_OUT="$results" bash test/vm/run.sh
else
  say "skipped: the virtual machine for cgroup v2 runs on x86-64 only, this is $(uname -m)"
fi
part 'nothing left behind' node scripts/leaks.js compare "$results/before"

exec node scripts/summary.js "$results" "${failed[@]}"
