import { duplicateField, type FieldError, forbiddenField, invalidField } from '../../../apimachinery/field-error.ts'
import { validateDnsSubdomain, validateQualifiedName } from '../../../apimachinery/names.ts'
import { ipFamily, validateIp } from '../../address-rules.ts'
import { isSidecar } from '../pod/status-text.ts'
import type { Pod } from '../pod.ts'
import type { ContainerStatus, PodStatus } from '../pod-status.ts'
import { validatePodAnnotationsUpdate } from './pod-annotations.ts'
import { each, invalid, isSet } from './rules.ts'

/** What a kubelet (or whoever writes status) may not report. */
export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const [status, before] = [pod.status ?? {}, old.status ?? {}]
  return [
    ...validatePodAnnotationsUpdate(pod.metadata.annotations, old.metadata.annotations, 'metadata.annotations'),
    ...validateConditions(status),
    ...validateNominatedNode(status, before),
    ...(before.qosClass && status.qosClass !== before.qosClass
      ? [invalidField('status.qosClass', status.qosClass ?? '', 'field is immutable')]
      : []),
    ...validateTransitions(pod, old),
    ...validateResourceClaimStatuses(pod, status),
    ...validateAddresses(status.podIPs, before.podIPs, 'status.podIPs'),
    ...validateHostAddresses(status, before),
    ...each(status.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses', (one, at) =>
      isSet(one.allocatedResourcesStatus)
        ? [forbiddenField(`${at}.allocatedResourcesStatus`, 'must not be specified in container status')]
        : [],
    ),
  ]
}

const systemConditions = ['PodScheduled', 'Ready', 'Initialized']

// The path is upstream's, though conditions belong to the status.
const validateConditions = (status: PodStatus): FieldError[] =>
  each(status.conditions, 'metadata.conditions', ({ type = '' }, at) =>
    systemConditions.includes(type) ? [] : invalid(`${at}.Type`, type, validateQualifiedName(type)),
  )

function validateNominatedNode({ nominatedNodeName: name }: PodStatus, before: PodStatus): FieldError[] {
  if (!name || name === before.nominatedNodeName) return []
  return invalid('status.nominatedNodeName', name, validateDnsSubdomain(name))
}

/** A container that ended for good must not be reported as running again. */
function validateTransitions(pod: Pod, old: Pod): FieldError[] {
  const restartPolicy = old.spec?.restartPolicy
  const sidecars = new Set((old.spec?.initContainers ?? []).filter(isSidecar).map(container => container.name))
  // A container's own policy may start it again whatever the pod's says.
  const containers = [...(old.spec?.containers ?? []), ...(old.spec?.initContainers ?? [])]
  const restartable = new Set(containers.filter(one => one.restartPolicy !== undefined).map(one => one.name))
  const mayRestart = (status: ContainerStatus): boolean =>
    restartPolicy === 'Always' ||
    restartable.has(status.name) ||
    (restartPolicy === 'OnFailure' && status.state?.terminated?.exitCode !== 0)
  const check = (
    field: 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses',
    restarts: (one: ContainerStatus) => boolean,
  ) =>
    each(old.status?.[field], `status.${field}`, (one, at) => {
      if (one.state?.terminated === undefined || restarts(one)) return []
      const now = pod.status?.[field]?.find(other => other.name === one.name)
      return now && !now.state?.terminated ? [forbiddenField(`${at}.state`, 'may not be transitioned to non-terminated state')] : []
    })
  return [
    ...check('containerStatuses', mayRestart),
    ...check('initContainerStatuses', status => mayRestart(status) || sidecars.has(status.name)),
    ...check('ephemeralContainerStatuses', () => false),
  ]
}

function validateResourceClaimStatuses(pod: Pod, status: PodStatus): FieldError[] {
  const claims = new Set((pod.spec?.resourceClaims ?? []).map(claim => claim.name))
  const seen = new Set<string>()
  return each(status.resourceClaimStatuses, 'status.resourceClaimStatuses', ({ name, resourceClaimName }, at) => {
    const errors: FieldError[] = []
    if (!claims.has(name)) errors.push(invalidField(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'))
    if (seen.has(name)) errors.push(duplicateField(`${at}.name`, name))
    seen.add(name)
    if (resourceClaimName !== undefined) {
      errors.push(...invalid(`${at}.name`, resourceClaimName, validateDnsSubdomain(resourceClaimName)))
    }
    return errors
  })
}

function validateHostAddresses({ hostIP = '', hostIPs = [] }: PodStatus, before: PodStatus): FieldError[] {
  const first = hostIPs[0]?.ip ?? ''
  if (hostIPs.length === 0) return []
  const errors = first === hostIP ? [] : [invalidField('status.hostIPs[0].ip', first, 'must be equal to `hostIP`')]
  return [...errors, ...validateAddresses(hostIPs, before.hostIPs, 'status.hostIPs')]
}

type Addresses = readonly { readonly ip: string }[]

/** One address of each family at most. */
function validateAddresses(addresses: Addresses = [], before: Addresses = [], path: string): FieldError[] {
  const known = before.map(({ ip }) => ip)
  const errors = each(addresses, path, ({ ip = '' }, at) => validateIp(ip, at, known))
  const families = new Set(addresses.map(({ ip = '' }) => ipFamily(ip)))
  if (families.size < addresses.length) {
    errors.push(invalidField(path, addresses, 'may specify no more than one IP for each IP family'))
  }
  const seen = new Set<string>()
  for (const [index, address] of addresses.entries()) {
    if (seen.has(address.ip)) errors.push(duplicateField(`${path}[${index}]`, address))
    seen.add(address.ip)
  }
  return errors
}
