import { type Check, containersNamed, containersOf, hasUserNamespace, isForWindows, quoted, setters, sorted } from './containers.ts'

/** Rules about what the processes of a pod may do, and as whom. */

const namesWhere = (pod: Parameters<Check>[0], holds: (container: ReturnType<typeof containersOf>[number]) => boolean): string[] =>
  containersOf(pod)
    .filter(holds)
    .map(({ name }) => name)

export const privileged: Check = pod => {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.privileged === true)
  if (names.length === 0) return undefined
  return { reason: 'privileged', detail: `${containersNamed(names)} must not set securityContext.privileged=true` }
}

export const allowPrivilegeEscalation: Check = pod => {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
  if (names.length === 0) return undefined
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersNamed(names)} must set securityContext.allowPrivilegeEscalation=false`,
  }
}

const defaultCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** `containers "a" must not include "NET_RAW" in securityContext.capabilities.add`; undefined when nobody adds others. */
function addedBeyond(pod: Parameters<Check>[0], isAllowed: (capability: string) => boolean): string | undefined {
  const added = (container: ReturnType<typeof containersOf>[number]) =>
    (container.securityContext?.capabilities?.add ?? []).filter(capability => !isAllowed(capability))
  const names = namesWhere(pod, container => added(container).length > 0)
  if (names.length === 0) return undefined
  const capabilities = sorted(containersOf(pod).flatMap(added))
  return `${containersNamed(names)} must not include ${quoted(capabilities)} in securityContext.capabilities.add`
}

export const defaultCapabilitiesOnly: Check = pod => {
  const detail = addedBeyond(pod, capability => defaultCapabilities.has(capability))
  return detail ? { reason: 'non-default capabilities', detail } : undefined
}

export const noCapabilities: Check = pod => {
  const keeping = namesWhere(pod, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
  const details = [
    ...(keeping.length > 0 ? [`${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...[addedBeyond(pod, capability => capability === 'NET_BIND_SERVICE')].flatMap(detail => detail ?? []),
  ]
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

export const runAsNonRoot: Check = pod => {
  const reason = 'runAsNonRoot != true'
  const forPod = pod.spec.securityContext?.runAsNonRoot
  const who = setters(pod, forPod === false, ({ securityContext }) => securityContext?.runAsNonRoot === false)
  if (who) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` }
  const silent = forPod === true ? [] : namesWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
  if (silent.length === 0) return undefined
  return { reason, detail: `pod or ${containersNamed(silent)} must set securityContext.runAsNonRoot=true` }
}

export const runAsUser: Check = pod => {
  const who = setters(pod, pod.spec.securityContext?.runAsUser === 0, ({ securityContext }) => securityContext?.runAsUser === 0)
  return who ? { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` } : undefined
}

export const procMount: Check = pod => {
  const isForbidden = (type: string | undefined) => type !== undefined && type !== 'Default'
  const names = namesWhere(pod, ({ securityContext }) => isForbidden(securityContext?.procMount))
  if (names.length === 0) return undefined
  const types = sorted(containersOf(pod).flatMap(({ securityContext }) => securityContext?.procMount ?? []))
  return {
    reason: 'procMount',
    detail: `${containersNamed(names)} must not set securityContext.procMount to ${quoted(types.filter(isForbidden))}`,
  }
}

/** The rule does not hold for pods with a user namespace of their own. */
export const unlessUserNamespace =
  (check: Check): Check =>
  pod =>
    hasUserNamespace(pod) ? undefined : check(pod)

/** The rule is about Linux. */
export const unlessWindows =
  (check: Check): Check =>
  pod =>
    isForWindows(pod) ? undefined : check(pod)
