#!/bin/bash
# kvm-works.sh KERNEL: succeeds when a machine under KVM gets as far as printing something. /dev/kvm may be there and
# writable where nested virtualisation is not.
timeout 3 qemu-system-x86_64 -M microvm -accel kvm -cpu host -m 128 -nodefaults -nographic -no-reboot -kernel "$1" \
  -serial stdio -append 'console=ttyS0 panic=-1' </dev/null 2>/dev/null | grep -q Linux
