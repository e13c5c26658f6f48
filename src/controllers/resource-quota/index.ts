import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { isPodTerminal } from '../../apis/core/pod/status-text.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { podUsageEnd } from '../../apis/core/resource-quota/pod-usage.ts'
import { countedNames } from '../../apis/core/resource-quota/usage.ts'
import { type ResourceQuota, resourceQuotaKind } from '../../apis/core/resource-quota.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import { createWorkQueue, type Informer, runController, watchOf } from '../../client/index.ts'
import { type Controller, type ControllerContext, keyOf, ownKey, splitKey } from '../controller.ts'
import { type Counted, countUsage, isSameStatus } from './count-usage.ts'

/**
 * Says in each quota's status what is enforced and in use. Admission charges what is created in the same write;
 * this counts anew when a quota changes and when something ends or becomes less, and so gives it back.
 */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  start(context) {
    const { client } = context
    const quotas = client.informer(resourceQuotaKind)
    const queue = createWorkQueue({ clock: context.clock, name: context.name, metrics: context.metrics })
    const followed = new Map<Kind, { readonly informer: Informer<KubernetesObject>; readonly stop: () => void }>()
    // Only kinds that some quota counts are followed.
    const follow = (kind: Kind): Informer<KubernetesObject> => {
      const known = followed.get(kind)
      if (known) return known.informer
      const informer = client.informer(kind) as Informer<KubernetesObject>
      const stop = informer.onChange((old, current) => {
        if (!old || !mayFree(kind, old, current)) return
        for (const quota of quotas.list(old.metadata.namespace)) if (counts(quota, kind)) queue.add(keyOf(quota))
      })
      followed.set(kind, { informer, stop })
      return informer
    }
    const kindsChanged = context.onKindsChanged(() => {
      for (const [kind, { stop }] of followed) {
        if (context.kinds().includes(kind)) continue
        stop()
        followed.delete(kind)
      }
      for (const quota of quotas.list()) queue.add(keyOf(quota))
    })
    const controller = runController({
      ...context,
      queue,
      watches: [watchOf(quotas, (old, current) => (isCharge(old, current) ? [] : ownKey(old, current)))],
      reconcile: key => reconcile(context, quotas, follow, key),
    })
    return {
      async close() {
        kindsChanged()
        // What is still being reconciled may follow further kinds.
        await controller.close()
        for (const { stop } of followed.values()) stop()
      },
    }
  },
}

/** Admission changes nothing but what is used. */
const isCharge = (old: ResourceQuota | undefined, current: ResourceQuota | undefined): boolean =>
  old !== undefined &&
  current !== undefined &&
  semanticEqual(old.spec, current.spec) &&
  semanticEqual(old.status?.hard, current.status?.hard)

const counts = ({ spec }: ResourceQuota, kind: Kind): boolean => countedNames(kind, Object.keys(spec?.hard ?? {})).length > 0

const isCountable = (kind: Kind): boolean =>
  kind.scope === 'Namespaced' && kind.verbs.includes('list') && kind.verbs.includes('watch') && kind.resource !== 'events'

/** What an object used may have become less. */
function mayFree(kind: Kind, old: KubernetesObject, current: KubernetesObject | undefined): boolean {
  if (!current) return true
  if (kind.group !== '') return false
  if (kind.resource === 'services' || kind.resource === 'persistentvolumeclaims') return !semanticEqual(old, current)
  if (kind.resource !== 'pods') return false
  const [before, after] = [old as Pod, current as Pod]
  return (
    isPodTerminal(before) !== isPodTerminal(after) || podUsageEnd(before) !== podUsageEnd(after) || !semanticEqual(before.spec, after.spec)
  )
}

/** How soon after a charge that came in between. */
const again_ms = 20

async function reconcile(
  context: ControllerContext,
  quotas: Informer<ResourceQuota>,
  follow: (kind: Kind) => Informer<KubernetesObject>,
  key: string,
): Promise<void | { requeueAfter_ms: number }> {
  const { client, clock } = context
  const { namespace = '', name } = splitKey(key)
  const first = quotas.get(namespace, name)
  if (!first) return
  const kinds = context.kinds().filter(kind => isCountable(kind) && counts(first, kind))
  const informers = kinds.map(kind => ({ kind, informer: follow(kind) }))
  await Promise.all(informers.map(({ informer }) => informer.synced))
  // Quota and objects are read in one turn: whatever is charged from here on makes the write below a conflict.
  const quota = quotas.get(namespace, name)
  if (!quota) return
  const counted: Counted[] = informers.map(({ kind, informer }) => ({ kind, objects: informer.list(namespace) }))
  const now = clock.now()
  const status = { hard: quota.spec?.hard ?? {}, used: await countUsage(quota, counted, clock) }
  try {
    if (!isSameStatus(quota.status, status)) await client.updateStatus(resourceQuotaKind, { ...quota, status })
  } catch (error) {
    if (isNotFound(error)) return
    if (isConflict(error)) return { requeueAfter_ms: again_ms }
    throw error
  }
  const next = nextEnd(counted, now)
  if (next !== undefined) return { requeueAfter_ms: next - now + 1 }
}

/** When the next pod that is being deleted stops to count by itself. */
function nextEnd(counted: readonly Counted[], now: number): number | undefined {
  const pods = counted.find(({ kind }) => kind.group === '' && kind.resource === podKind.resource)?.objects ?? []
  const ends = pods.flatMap(pod => podUsageEnd(pod as Pod) ?? []).filter(end => end >= now)
  return ends.length === 0 ? undefined : Math.min(...ends)
}
