#!/bin/bash
# initramfs.sh KERNEL-DIRECTORY VERSION: prints the file name of an initramfs with busybox, the modules that reach the
# host's root, and vm/init; makes it when it is not there or older than vm/init.
set -euo pipefail

kernel=$1 version=$2 here=$(dirname "$(readlink -f "$0")")
image=$kernel/initramfs
if [ -s "$image" ] && [ "$image" -nt "$here/init" ]; then
  echo "$image"
  exit
fi

work=''
trap 'rm -rf "$work"' EXIT
work=$(mktemp -d -t gocker-initramfs-XXXXXX)
mkdir -p "$work"/root/{bin,dev,proc,sys,modules,lower,upper,new,share}
cp /bin/busybox "$work/root/bin/busybox"
install -m 755 "$here/init" "$work/root/init"

for module in virtio_mmio 9pnet_virtio 9p overlay; do
  modprobe -d "$kernel" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
done | awk '!seen[$0]++' | while read -r file; do
  name=$(basename "$file" .xz)
  case $file in
    *.xz) xz -dc "$file" >"$work/root/modules/$name" ;;
    *) cp "$file" "$work/root/modules/$name" ;;
  esac
  echo "$name" >>"$work/root/modules/order"
done

(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/image"
mv "$work/image" "$image"
echo "$image"
