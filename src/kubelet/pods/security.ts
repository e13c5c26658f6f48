import type { Container, SeccompProfile as WantedSeccomp } from '../../apis/core/container.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { ContainerSecurity, NamespaceOptions, RuntimeImage, SandboxSecurity, SeccompProfile } from '../runtime/types.ts'
import { allContainersOf, formatPod, podKey } from './containers.ts'
import { ContainerConfigError } from './environment.ts'

// Files of the kernel that a container must not see, and trees that it must not change, unless procMount or privilege says so.
const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]
const readOnlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

export function podNamespaces(pod: Pod): NamespaceOptions {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec ?? {}
  return {
    network: hostNetwork ? 'node' : 'pod',
    pid: hostPID ? 'node' : shareProcessNamespace ? 'pod' : 'container',
    ipc: hostIPC ? 'node' : 'pod',
  }
}

export function sandboxSecurity(pod: Pod): SandboxSecurity {
  const { securityContext } = pod.spec ?? {}
  return {
    privileged: allContainersOf(pod).some(container => container.securityContext?.privileged),
    seccomp: { type: 'RuntimeDefault' },
    runAsUser: securityContext?.runAsUser,
    runAsGroup: securityContext?.runAsGroup,
    supplementalGroups: supplementalGroups(pod),
  }
}

export function containerSecurity(
  pod: Pod,
  container: Container,
  image: RuntimeImage | undefined,
  seccompDirectory: string,
  targetId: string | undefined,
): ContainerSecurity {
  const own = container.securityContext
  const shared = pod.spec?.securityContext
  const privileged = own?.privileged ?? false
  const user = own?.runAsUser ?? shared?.runAsUser
  const group = own?.runAsGroup ?? shared?.runAsGroup
  const runAsNonRoot = own?.runAsNonRoot ?? shared?.runAsNonRoot
  if (runAsNonRoot) verifyNonRoot(pod, container, user, image)
  const namespaces = podNamespaces(pod)
  const unmasked = privileged || own?.procMount === 'Unmasked'
  return {
    privileged,
    namespaces: targetId === undefined ? namespaces : { ...namespaces, pid: 'target', targetId },
    addCapabilities: own?.capabilities?.add ?? [],
    dropCapabilities: own?.capabilities?.drop ?? [],
    seccomp: privileged ? { type: 'Unconfined' } : seccomp(own?.seccompProfile ?? shared?.seccompProfile, seccompDirectory),
    // The runtime takes the image's user by itself, but a group of its own needs a user beside it.
    runAsUser: user ?? (group === undefined ? undefined : image?.uid),
    runAsUserName: user === undefined && group !== undefined ? image?.username : undefined,
    runAsGroup: group,
    supplementalGroups: supplementalGroups(pod),
    readOnlyRootFilesystem: own?.readOnlyRootFilesystem ?? false,
    noNewPrivileges: own?.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? undefined : maskedPaths,
    readOnlyPaths: unmasked ? undefined : readOnlyPaths,
  }
}

const supplementalGroups = (pod: Pod): readonly number[] => {
  const { supplementalGroups: groups = [], fsGroup } = pod.spec?.securityContext ?? {}
  return fsGroup === undefined || groups.includes(fsGroup) ? groups : [...groups, fsGroup]
}

function seccomp(wanted: WantedSeccomp | undefined, directory: string): SeccompProfile {
  if (wanted?.type === 'Localhost') return { type: 'Localhost', path: `${directory}/${wanted.localhostProfile}` }
  return wanted?.type === 'RuntimeDefault' ? { type: 'RuntimeDefault' } : { type: 'Unconfined' }
}

function verifyNonRoot(pod: Pod, container: Container, user: number | undefined, image: RuntimeImage | undefined): void {
  const where = `(pod: ${JSON.stringify(formatPod(podKey(pod)))}, container: ${container.name})`
  if (user === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`)
  if (user !== undefined) return
  if (image?.username) {
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`,
    )
  }
  if (!image?.uid) throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`)
}
