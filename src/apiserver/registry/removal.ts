import type { DeleteOptions, KubernetesObject, ObjectMeta } from '../../apimachinery/meta.ts'
import { formatTime } from '../../base/clock.ts'
import type { Resource } from '../resources.ts'

/**
 * What a DELETE does to an object, as a pure function: remove it now, mark it as leaving (grace period, finalizers,
 * a namespace's content), or nothing because it is leaving already.
 */
export type Removal =
  | { readonly type: 'remove' }
  | { readonly type: 'mark'; readonly object: KubernetesObject }
  /** `shown` is the answer's object. */
  | { readonly type: 'leaving'; readonly shown: KubernetesObject }

const orphanFinalizer = 'orphan'
const foregroundFinalizer = 'foregroundDeletion'

export function planRemoval(resource: Resource, object: KubernetesObject, options: DeleteOptions, now: number): Removal {
  const grace = planGrace(resource, object, options, now)
  if (grace.type === 'leaving') return { type: 'leaving', shown: object }
  const finalizers = dependentsFinalizers(resource, finalizersOf(resource, object), options)
  const mustWait = finalizers.length > 0 || contentFinalizers(resource, object).length > 0
  const withFinalizers = withMetadata(object, { finalizers: finalizers.length > 0 ? finalizers : undefined })
  if (grace.type === 'graceful') {
    if (!mustWait && grace.seconds === 0) return { type: 'remove' }
    return { type: 'mark', object: markLeaving(resource, withFinalizers, grace.deletionTimestamp, grace.seconds) }
  }
  if (!mustWait) return { type: 'remove' }
  const already = object.metadata.deletionTimestamp
  return { type: 'mark', object: markLeaving(resource, withFinalizers, already ?? formatTime(now), 0) }
}

function finalizersOf({ kind: { strategy } }: Resource, { metadata }: KubernetesObject): readonly string[] {
  const { finalizers = [], deletionTimestamp } = metadata
  if (!strategy.deletionFinalizers || deletionTimestamp !== undefined) return finalizers
  return [...finalizers, ...strategy.deletionFinalizers.filter(one => !finalizers.includes(one))]
}

/** Nothing holds a leaving object any more. */
export function isReadyToRemove(resource: Resource, object: KubernetesObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata
  return (
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds === 0 &&
    finalizers.length === 0 &&
    contentFinalizers(resource, object).length === 0
  )
}

type Grace =
  | { readonly type: 'none' }
  | { readonly type: 'leaving' }
  | { readonly type: 'graceful'; readonly deletionTimestamp: string; readonly seconds: number }

function planGrace(resource: Resource, object: KubernetesObject, options: DeleteOptions, now: number): Grace {
  const { strategy } = resource.kind
  const requested = options.gracePeriodSeconds === undefined ? undefined : options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds
  if (!strategy.deletionGracePeriod) return { type: 'none' }
  const { deletionTimestamp, deletionGracePeriodSeconds: existing } = object.metadata
  if (deletionTimestamp !== undefined) {
    if (existing === undefined) return { type: 'none' }
    // A grace period that runs can only be shortened.
    if (requested === undefined || requested >= existing) return { type: 'leaving' }
    const shortened = Date.parse(deletionTimestamp) + (requested - existing) * 1000
    return { type: 'graceful', deletionTimestamp: formatTime(shortened), seconds: requested }
  }
  const seconds = strategy.deletionGracePeriod(object, requested)
  if (seconds === undefined) return { type: 'none' }
  return { type: 'graceful', deletionTimestamp: formatTime(now + seconds * 1000), seconds }
}

/** What happens to dependents is told to the garbage collector by finalizers. */
function dependentsFinalizers({ kind }: Resource, finalizers: readonly string[], options: DeleteOptions): readonly string[] {
  const byDefault = kind.strategy.orphansDependents !== undefined && !finalizers.includes(foregroundFinalizer)
  const orphan =
    options.orphanDependents ?? byPolicy(options.propagationPolicy, 'Orphan') ?? (finalizers.includes(orphanFinalizer) || byDefault)
  const foreground =
    options.orphanDependents === undefined &&
    !orphan &&
    (byPolicy(options.propagationPolicy, 'Foreground') ?? finalizers.includes(foregroundFinalizer))
  const others = finalizers.filter(one => one !== orphanFinalizer && one !== foregroundFinalizer)
  return [...others, ...(orphan ? [orphanFinalizer] : []), ...(foreground ? [foregroundFinalizer] : [])]
}

const byPolicy = (policy: string | undefined, wanted: string): boolean | undefined => (policy === undefined ? undefined : policy === wanted)

function markLeaving(resource: Resource, object: KubernetesObject, deletionTimestamp: string, seconds: number): KubernetesObject {
  const { generation, deletionTimestamp: before } = object.metadata
  const first = before === undefined
  const marked = withMetadata(object, {
    deletionTimestamp,
    deletionGracePeriodSeconds: seconds,
    ...(first && generation !== undefined && generation > 0 && { generation: generation + 1 }),
  })
  return isNamespace(resource) ? withTerminatingPhase(marked) : marked
}

// Namespaces hold back their removal by finalizers in their spec, which go when their content is gone.
const isNamespace = ({ kind }: Resource): boolean => kind.group === '' && kind.resource === 'namespaces'

function contentFinalizers(resource: Resource, object: KubernetesObject): readonly string[] {
  if (!isNamespace(resource)) return []
  return (object as { readonly spec?: { readonly finalizers?: readonly string[] } }).spec?.finalizers ?? []
}

const withTerminatingPhase = (object: KubernetesObject): KubernetesObject => {
  const { status } = object as { readonly status?: object }
  return { ...object, status: { ...status, phase: 'Terminating' } } as KubernetesObject
}

const withMetadata = (object: KubernetesObject, metadata: Partial<ObjectMeta>): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
})
