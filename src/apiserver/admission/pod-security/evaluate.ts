import type { Check, CheckedPod, Violation } from './containers.ts'
import {
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostsOfProbes,
  restrictedVolumes,
  sysctlsOf,
  windowsHostProcess,
} from './host-checks.ts'
import type { LevelVersion } from './policy.ts'
import {
  allowPrivilegeEscalation,
  defaultCapabilitiesOnly,
  noCapabilities,
  privileged,
  procMount,
  runAsNonRoot,
  runAsUser,
  unlessUserNamespace,
  unlessWindows,
} from './privilege-checks.ts'
import { appArmorProfile, noUnconfinedSeccomp, seccompAnnotations, seccompRequired, seLinuxOptions } from './profile-checks.ts'

/** The newest version whose rules are known; later ones follow them. */
const newest = 36

/** What a pod violates of a level, in the order in which clients know it from upstream. */
export function violations({ level, version }: LevelVersion, pod: CheckedPod): readonly Violation[] {
  if (level === 'privileged') return []
  const minor = version === 'latest' ? newest : Math.min(version, newest)
  return checksOf(level === 'restricted', minor).flatMap(check => check(pod) ?? [])
}

/** Rules came with versions; a namespace that names an older one is judged by what counted then. */
function checksOf(restricted: boolean, version: number): readonly Check[] {
  const since = (first: number, check: Check): Check[] => (version >= first ? [check] : [])
  const onlyRestricted = (first: number, check: Check): Check[] => (restricted ? since(first, check) : [])
  const linux = (check: Check): Check => (version >= 25 ? unlessWindows(check) : check)
  const userNamespaces = (check: Check): Check => (version >= 35 ? unlessUserNamespace(check) : check)
  return [
    ...onlyRestricted(8, linux(allowPrivilegeEscalation)),
    appArmorProfile,
    restricted && version >= 22 ? linux(noCapabilities) : defaultCapabilitiesOnly,
    hostNamespaces,
    ...(restricted ? [] : [hostPathVolumes]),
    hostPorts,
    ...since(34, hostsOfProbes),
    privileged,
    restricted ? procMount : userNamespaces(procMount),
    ...onlyRestricted(0, restrictedVolumes),
    ...onlyRestricted(0, userNamespaces(runAsNonRoot)),
    ...onlyRestricted(23, userNamespaces(runAsUser)),
    seLinuxOptions(version),
    seccomp(restricted, version),
    sysctlsOf(version),
    windowsHostProcess,
  ]
}

function seccomp(restricted: boolean, version: number): Check {
  if (version < 19) return seccompAnnotations
  if (!restricted) return noUnconfinedSeccomp
  return version >= 25 ? unlessWindows(seccompRequired) : seccompRequired
}

/** `privileged (container "web" must not set ...), hostPort (...)` */
export const formatViolations = (found: readonly Violation[]): string =>
  found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')

export const formatReasons = (found: readonly Violation[]): string => found.map(({ reason }) => reason).join(', ')
