#!/bin/bash
# Runs a command under Debian's own kernel in QEMU, with this machine's files and cgroup v2 alone:
#
#   scripts/vm.sh [--cgroup v2|v1|hybrid] [--memory MIB] [--cpus N] [--timeout SECONDS] -- COMMAND [ARGUMENT...]
#
# The root of this machine is the lower layer of an overlay whose upper layer is a tmpfs: the command may write
# anywhere and nothing stays. It runs as root in the current directory, with every capability and a network of its own
# that holds nothing but loopback. $VM_OUT (default: not kept) is a directory of this machine that appears as /run/vm/out.
# Its output comes here as it is written, and its exit code is ours; 124: out of time, 125: the machine did not come up.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cgroup=v2 memory=2048 cpus=$(nproc) limit=300
while [ $# -gt 0 ]; do
  case $1 in
    --cgroup) cgroup=$2; shift 2 ;;
    --memory) memory=$2; shift 2 ;;
    --cpus) cpus=$2; shift 2 ;;
    --timeout) limit=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "vm.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
case $cgroup in v2 | v1 | hybrid) ;; *) echo "vm.sh: --cgroup is v2, v1 or hybrid, not $cgroup" >&2; exit 2 ;; esac
[ $# -gt 0 ] || { echo "vm.sh: no command after --" >&2; exit 2; }

kernel=$("$here/vm/kernel.sh")
version=$(basename "$kernel"/boot/vmlinuz-* | sed s/^vmlinuz-//)
initramfs=$("$here/vm/initramfs.sh" "$kernel" "$version")

share='' machine=''
finish() {
  [ -z "$machine" ] || kill "$machine" 2>/dev/null || true
  [ -z "$share" ] || rm -rf "$share"
}
trap finish EXIT
share=$(mktemp -d -t gocker-vm-XXXXXX)

# What is run inside, as a script: quoting and the environment survive.
mkdir "$share/out"
: >"$share/log"
{
  echo '#!/bin/bash'
  echo 'mkdir -p /run/tmp; export TMPDIR=/run/tmp VM=1'
  [ ! -d "$kernel/lib/modules" ] || printf 'mkdir -p /lib/modules; mount --bind %q /lib/modules\n' "$kernel/lib/modules"
  for name in PATH HOME TERM LANG CI XDG_CACHE_HOME ${!GOCKER_@}; do
    [ -z "${!name+set}" ] || printf 'export %s=%q\n' "$name" "${!name}"
  done
  printf 'cd %q || exit 125\n' "$PWD"
  printf '%q ' "$@"
  echo
} >"$share/command"

# KVM where it works; else plain emulation, which has no clock to calibrate the TSC with and must be told its frequency.
if [ -w /dev/kvm ] && "$here/vm/kvm-works.sh" "$kernel/boot/vmlinuz-$version"; then
  accelerator=(-accel kvm -cpu host) clock=
else
  accelerator=(-accel tcg,thread=multi -cpu max)
  clock=tsc_early_khz=$(awk '/^cpu MHz/ { printf "%d", $4 * 1000; exit }' /proc/cpuinfo)
fi

timeout --kill-after 5 "$limit" qemu-system-x86_64 \
  -M microvm,acpi=on -global virtio-mmio.force-legacy=false "${accelerator[@]}" -m "$memory" -smp "$cpus" \
  -nodefaults -nographic -no-reboot -serial "file:$share/console" \
  -kernel "$kernel/boot/vmlinuz-$version" -initrd "$initramfs" \
  -append "console=ttyS0 quiet panic=-1 mitigations=off $clock vm.cgroup=$cgroup" \
  -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap \
  -device virtio-9p-device,fsdev=root,mount_tag=root \
  -fsdev local,id=share,path="$share",security_model=none \
  -device virtio-9p-device,fsdev=share,mount_tag=share \
  </dev/null >"$share/qemu" 2>&1 &
machine=$!
tail -n +1 -f --pid="$machine" "$share/log" 2>/dev/null || true
ended=0
wait "$machine" || ended=$?
machine=

[ -z "${VM_OUT:-}" ] || cp -r "$share/out/." "$VM_OUT/"
if [ -s "$share/status" ]; then exit "$(cat "$share/status")"; fi
if [ "$ended" = 124 ]; then
  echo "vm.sh: no result within $limit s" >&2
  exit 124
fi
echo "vm.sh: the machine ended without a result; the end of its console:" >&2
tail -n 20 "$share/console" "$share/qemu" >&2 || true
exit 125
