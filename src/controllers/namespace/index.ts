import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { type Namespace, type NamespaceCondition, namespaceKind } from '../../apis/core/namespace.ts'
import { podKind } from '../../apis/core/pod.ts'
import { formatTime } from '../../base/clock.ts'
import { type Client, runController, watchOf } from '../../client/index.ts'
import { type Controller, type ControllerContext, ownKey } from '../controller.ts'

/** Empties namespaces that are being deleted: pods first, then everything else, and says what remains and why. */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  start(context) {
    const { client } = context
    const namespaces = client.informer(namespaceKind)
    const isEnding = (name: string | undefined) => namespaces.get(undefined, name ?? '')?.metadata.deletionTimestamp !== undefined
    return runController({
      ...context,
      watches: [
        watchOf(namespaces, ownKey),
        // The last pod's end is what an ending namespace usually waits for.
        watchOf(client.informer(podKind), (old, current) =>
          !current && isEnding(old?.metadata.namespace) ? [old?.metadata.namespace as string] : [],
        ),
      ],
      reconcile: name => reconcile(context, name),
    })
  },
}

/** Objects with finalizers or a grace period leave when they leave; nobody tells a namespace. */
const lookAgain_ms = 1000

interface Remains {
  readonly kind: Kind
  readonly objects: readonly KubernetesObject[]
}

async function reconcile(context: ControllerContext, name: string): Promise<void | { requeueAfter_ms: number }> {
  const { client } = context
  const namespace = client.informer(namespaceKind).get(undefined, name)
  if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes('kubernetes')) return
  const extensions = context.extensions?.current() ?? { kinds: [], away: [] }
  const kinds = [...context.kinds(), ...extensions.kinds].filter(isEmptied)
  const failures: string[] = []
  const pods = await empty(
    context,
    name,
    kinds.filter(kind => kind.resource === 'pods' && kind.group === ''),
    failures,
  )
  // Whatever pods still need while they end (Secrets, volumes, policies) stays until they have.
  const others = pods.length
    ? []
    : await empty(
        context,
        name,
        kinds.filter(kind => kind.resource !== 'pods' || kind.group !== ''),
        failures,
      )
  const remains = [...pods, ...others]
  const status = {
    phase: 'Terminating',
    conditions: conditionsOf(namespace, { remains, failures, away: extensions.away }, formatTime(context.clock.now())),
  }
  try {
    const current = sameStatus(namespace, status) ? namespace : await client.updateStatus(namespaceKind, { ...namespace, status })
    if (remains.length || failures.length || extensions.away.length) return { requeueAfter_ms: lookAgain_ms }
    const finalizers = current.spec?.finalizers?.filter(finalizer => finalizer !== 'kubernetes') ?? []
    await client.updateSubresource(namespaceKind, { ...current, spec: { ...current.spec, finalizers } }, 'finalize')
  } catch (error) {
    // Gone, or changed meanwhile: its event brings us back.
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

const isEmptied = ({ scope, verbs }: Kind): boolean => scope === 'Namespaced' && verbs.includes('delete') && verbs.includes('list')

/** Deletes all objects of these kinds in the namespace and answers what is still there. */
async function empty({ client }: ControllerContext, namespace: string, kinds: readonly Kind[], failures: string[]): Promise<Remains[]> {
  const remains = await Promise.all(
    kinds.map(async kind => {
      try {
        const before = await client.list(kind, namespace)
        if (before.items.length === 0) return { kind, objects: [] }
        await deleteAll(client, kind, namespace, before.items)
        return { kind, objects: (await client.list(kind, namespace)).items }
      } catch (error) {
        // A kind that was just removed has nothing left.
        if (isNotFound(error)) return { kind, objects: [] }
        failures.push(`${kind.resource}: ${(error as Error).message}`)
        return { kind, objects: [] }
      }
    }),
  )
  return remains.filter(({ objects }) => objects.length > 0)
}

/** Extension servers may know no way to delete all at once. */
async function deleteAll(client: Client, kind: Kind, namespace: string, objects: readonly KubernetesObject[]): Promise<void> {
  const options = { propagationPolicy: 'Background' } as const
  if (kind.verbs.includes('deletecollection')) return client.deleteCollection(kind, namespace, options)
  const deletions = objects.map(async ({ metadata: { name = '' } }) => {
    try {
      await client.delete(kind, namespace, name, options)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  })
  await Promise.all(deletions)
}

interface Outcome {
  readonly remains: readonly Remains[]
  readonly failures: readonly string[]
  /** Group versions of which nobody knows what they hold. */
  readonly away: readonly string[]
}

/** Upstream's five conditions, with its words. */
function conditionsOf(namespace: Namespace, { remains, failures, away }: Outcome, now: string): NamespaceCondition[] {
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string): NamespaceCondition => {
    const known = namespace.status?.conditions?.find(one => one.type === type)
    return { type, status, lastTransitionTime: known?.status === status ? known.lastTransitionTime : now, reason, message }
  }
  const content = remains.map(({ kind, objects }) => `${nameOf(kind)} has ${objects.length} resource instances`).sort()
  const finalizers = countFinalizers(remains)
  return [
    away.length
      ? condition('NamespaceDeletionDiscoveryFailure', 'True', 'DiscoveryFailed', describeAway(away))
      : condition('NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition('NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    failures.length
      ? condition(
          'NamespaceDeletionContentFailure',
          'True',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`,
        )
      : condition(
          'NamespaceDeletionContentFailure',
          'False',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ),
    content.length
      ? condition('NamespaceContentRemaining', 'True', 'SomeResourcesRemain', `Some resources are remaining: ${content.join(', ')}`)
      : condition('NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'),
    finalizers.length
      ? condition(
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
        )
      : condition('NamespaceFinalizersRemaining', 'False', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ]
}

const describeAway = (away: readonly string[]): string =>
  `Discovery failed for some groups, ${away.length} failing: unable to retrieve the complete list of server APIs: ${away
    .map(groupVersion => `${groupVersion}: stale GroupVersion discovery: ${groupVersion}`)
    .join(', ')}`

const nameOf = ({ group, resource }: Kind): string => `${resource}.${group}`

function countFinalizers(remains: readonly Remains[]): string[] {
  const counts = new Map<string, number>()
  for (const { objects } of remains)
    for (const object of objects)
      for (const finalizer of object.metadata.finalizers ?? []) counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1)
  return [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort()
}

function sameStatus(namespace: Namespace, status: { phase: string; conditions: readonly NamespaceCondition[] }): boolean {
  const essence = (one: { phase?: string; conditions?: readonly NamespaceCondition[] } | undefined) =>
    JSON.stringify([one?.phase, (one?.conditions ?? []).map(({ type, status, reason, message }) => [type, status, reason, message])])
  return essence(namespace.status) === essence(status)
}
