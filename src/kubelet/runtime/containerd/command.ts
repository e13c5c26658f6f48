export interface ContainerdCommand {
  readonly containerd: string
  readonly configuration: string
  /** Of this containerd alone: its state directory and socket belong below it. */
  readonly runDirectory: string
  /** Where the kubelet mounts volumes that containers shall see, and see what containers mount. */
  readonly podsDirectory: string
  readonly ociRuntime: {
    /** The program of the machine. */
    readonly program: string
    /** Where containerd and its shims find it: a path below RUN. */
    readonly path: string
  }
}

/**
 * The command that a supervisor runs, and runs again, to have containerd. containerd lives in a mount namespace of its
 * own, pinned at RUN/mounts, so that a restarted one finds the mounts of the containers that outlived it:
 * - RUN is made a mount of its own, a tmpfs unless it lies in one, and private: root file systems and network namespaces, which containerd mounts
 *   below it, never show on the machine and vanish with the namespace;
 * - PODS is made a shared mount where it isn't in one, so that volumes mounted later are seen on both sides;
 * - a hybrid machine's version 2 hierarchy is unmounted in there, since crun refuses to run beside it;
 * - the OCI runtime is mounted there once more, read-only. A container must not write to the program that started it, so
 *   crun and runc run a protected copy of themselves unless they find themselves on a read-only mount and are told that it
 *   is meant so; that is half the time of each of a pod's dozen calls;
 * - where the machine's root isn't shared, it is in there: `mountPropagation: Bidirectional` asks for it.
 * The process that is started becomes containerd itself.
 */
export const containerdCommand = (command: ContainerdCommand): readonly string[] => [
  'sh',
  '-c',
  start,
  'containerd',
  command.runDirectory,
  command.podsDirectory,
  command.containerd,
  command.configuration,
  command.ociRuntime.program,
  command.ociRuntime.path,
]

/** Gives back what the start left on the machine; containerd and all containers must have ended. */
export const containerdCleanupCommand = ({
  runDirectory,
  podsDirectory,
}: Pick<ContainerdCommand, 'runDirectory' | 'podsDirectory'>): readonly string[] => [
  'sh',
  '-c',
  cleanup,
  'containerd-cleanup',
  runDirectory,
  podsDirectory,
]

const start = `
set -eu
run=$1 pods=$2 containerd=$3 configuration=$4 program=$5 runtime=$6
mkdir -p "$run" "$pods"
run=$(readlink -f "$run") pods=$(readlink -f "$pods")
pin=$run/mounts

if ! [ -e "$pin.ready" ] || ! nsenter --mount="$pin" true 2>/dev/null; then
  # What a start that was cut short has left behind.
  if mountpoint -q "$run"; then rm -f "$pin.ready"; umount "$pin" 2>/dev/null || :; fi
  if ! mountpoint -q "$run"; then
    case $(findmnt -no FSTYPE --target "$run") in
      tmpfs) mount --bind "$run" "$run" ;;
      *) mount -t tmpfs -o mode=0711 tmpfs "$run" ;;
    esac
  fi
  mount --make-private "$run"
  case $(findmnt -no PROPAGATION --target "$pods") in
    *shared*) ;;
    *) mount --bind "$pods" "$pods" && mount --make-shared "$pods" ;;
  esac
  : > "$pin"
  unshare --mount="$pin" --propagation unchanged sh -euc '
    case $(findmnt -no PROPAGATION /) in *shared*) ;; *) mount --make-shared / ;; esac
    mount --make-rprivate /sys/fs/cgroup
    if [ ! -e /sys/fs/cgroup/cgroup.controllers ] && mountpoint -q /sys/fs/cgroup/unified; then
      umount /sys/fs/cgroup/unified
    fi
    : > "$2"
    mount --bind "$1" "$2"
    mount -o remount,bind,ro "$2"
  ' oci-runtime "$program" "$runtime"
  : > "$pin.ready"
fi
export _LIBCONTAINER_CLONED_BINARY=1
exec nsenter --mount="$pin" "$containerd" --config "$configuration"
`

const cleanup = `
run=$1 pods=$2
run=$(readlink -f "$run") pods=$(readlink -f "$pods")
umount "$run/mounts" 2>/dev/null && rm -f "$run/mounts" "$run/mounts.ready"
if mountpoint -q "$run"; then umount "$run"; fi
if mountpoint -q "$pods"; then umount "$pods"; fi
`
