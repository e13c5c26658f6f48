import type { ObjectMeta } from '../../../apimachinery/meta.ts'
import type { Container } from '../container.ts'
import type { Pod } from '../pod.ts'
import type { PodCondition, PodStatus } from '../pod-status.ts'
import { semanticEqual, withField, without } from '../sharing.ts'
import { withServiceAccountAlias } from './defaults.ts'
import { mergeMatchLabelKeys } from './match-label-keys.ts'
import { podQosClass } from './qos-class.ts'

/** A new pod is pending; what a client says of its status is dropped. */
export function preparePodForCreate(pod: Pod): Pod {
  const spec = pod.spec && mergeMatchLabelKeys(withServiceAccountAlias(pod.spec), pod.metadata.labels)
  const conditions = spec?.schedulingGates?.length ? [schedulingGated] : undefined
  const status: PodStatus = { phase: 'Pending', ...(conditions && { conditions }), qosClass: podQosClass(spec) }
  return { ...pod, metadata: { ...pod.metadata, generation: 1 }, ...(spec && { spec }), status }
}

const schedulingGated: PodCondition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
}

export function preparePodForUpdate(pod: Pod, old: Pod): Pod {
  const aliased = pod.spec ? withField(pod, 'spec', withServiceAccountAlias(pod.spec)) : pod
  const kept = old.status === undefined ? without(aliased, 'status') : { ...aliased, status: old.status }
  return countGeneration(kept, old)
}

/** The status subresource: the new status, and labels and annotations, but nothing else of the metadata that kubelets used to corrupt. */
export function preparePodStatusUpdate(pod: Pod, old: Pod): Pod {
  const metadata = keepMetadata(pod.metadata, old.metadata, ['deletionTimestamp', 'ownerReferences', 'generation'])
  const status = pod.status && withSyncedAddresses(keepObservedGenerations(keepQosClass(pod.status, old), old), old)
  return { ...pod, metadata, spec: old.spec, ...(status && { status }) }
}

/** The ephemeralcontainers subresource takes ephemeral containers and nothing else. */
export function prepareEphemeralContainersUpdate(pod: Pod, old: Pod): Pod {
  const ephemeralContainers = pod.spec?.ephemeralContainers
  const spec = old.spec && (ephemeralContainers ? { ...old.spec, ephemeralContainers } : without(old.spec, 'ephemeralContainers'))
  return countGeneration({ ...old, metadata: keepIdentity(pod.metadata, old.metadata), ...(spec && { spec }) }, old)
}

/**
 * The resize subresource takes resources and resize policies. Containers that were added, removed, renamed or moved
 * are left in, so that validation refuses them.
 */
export function prepareResize(pod: Pod, old: Pod): Pod {
  const containers = takeResources(pod.spec?.containers ?? [], old.spec?.containers ?? [])
  const initContainers = takeResources(pod.spec?.initContainers ?? [], old.spec?.initContainers ?? [])
  if (old.spec === undefined || containers === undefined || initContainers === undefined) return { ...pod, status: old.status }
  const spec = { ...old.spec, containers, ...(old.spec.initContainers && { initContainers }) }
  const resources = pod.spec?.resources
  const resized = resources ? { ...spec, resources } : without(spec, 'resources')
  return countGeneration({ ...old, metadata: keepIdentity(pod.metadata, old.metadata), spec: resized }, old)
}

function takeResources(containers: readonly Container[], old: readonly Container[]): Container[] | undefined {
  if (containers.length !== old.length || containers.some((one, index) => one.name !== old[index]?.name)) return undefined
  return old.map((one, index) => {
    const { resources, resizePolicy } = containers[index] as Container
    const rest = without(without(one, 'resources'), 'resizePolicy')
    return { ...rest, ...(resources && { resources }), ...(resizePolicy && { resizePolicy }) }
  })
}

function countGeneration(pod: Pod, old: Pod): Pod {
  const before = old.metadata.generation ?? 0
  const generation = semanticEqual(pod.spec, old.spec) ? before : before + 1
  return generation === 0 ? pod : { ...pod, metadata: { ...pod.metadata, generation } }
}

// What the caller says of the version it saw decides about conflicts; everything else stays.
const keepIdentity = (metadata: ObjectMeta, old: ObjectMeta): ObjectMeta => ({
  ...old,
  ...(metadata.resourceVersion !== undefined && { resourceVersion: metadata.resourceVersion }),
  ...(metadata.uid !== undefined && { uid: metadata.uid }),
  ...(metadata.managedFields !== undefined && { managedFields: metadata.managedFields }),
})

function keepMetadata(metadata: ObjectMeta, old: ObjectMeta, fields: readonly (keyof ObjectMeta)[]): ObjectMeta {
  let kept = metadata
  for (const field of fields) kept = old[field] === undefined ? without(kept, field) : withField(kept, field, old[field])
  return kept
}

const keepQosClass = (status: PodStatus, old: Pod): PodStatus =>
  status.qosClass || !old.status?.qosClass ? status : { ...status, qosClass: old.status.qosClass }

/** Clients that don't know observedGeneration must not clear it. */
function keepObservedGenerations(status: PodStatus, old: Pod): PodStatus {
  const before = old.status?.observedGeneration
  const observed = status.observedGeneration || !before ? status : { ...status, observedGeneration: before }
  const conditions = observed.conditions?.map(condition => {
    const observedGeneration = old.status?.conditions?.find(one => one.type === condition.type)?.observedGeneration
    return condition.observedGeneration || !observedGeneration ? condition : { ...condition, observedGeneration }
  })
  return conditions ? { ...observed, conditions } : observed
}

/** `podIP` is the first of `podIPs`; whoever writes one of them means both. */
function withSyncedAddresses(status: PodStatus, old: Pod): PodStatus {
  const first = status.podIPs?.[0]?.ip
  if (!status.podIP) return first ? { ...status, podIP: first } : status
  if (first === undefined) return { ...status, podIPs: [{ ip: status.podIP }] }
  if (first === status.podIP) return status
  return status.podIP === old.status?.podIP ? { ...status, podIP: first } : { ...status, podIPs: [{ ip: status.podIP }] }
}
