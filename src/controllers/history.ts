import { isAlreadyExists, isNotFound } from '../apimachinery/api-errors.ts'
import type { Kind } from '../apimachinery/kind.ts'
import type { KubernetesObject, LabelSelector } from '../apimachinery/meta.ts'
import { type ControllerRevision, controllerRevisionKind } from '../apis/apps/controller-revision.ts'
import type { PodTemplateSpec } from '../apis/core/pod-spec.ts'
import { makeControllerReference } from '../client/index.ts'
import { claimObjects, indexOwners } from './claim.ts'
import type { ControllerContext } from './controller.ts'
import { canonicalJson, shortHash, withSortedKeys } from './hash.ts'

/** What owns the history: a stateful set or a daemon set. */
export interface HistoryOwner extends KubernetesObject {
  readonly spec?: { readonly selector?: LabelSelector; readonly template?: PodTemplateSpec; readonly revisionHistoryLimit?: number }
}

export interface History {
  /** Oldest first. */
  readonly revisions: readonly ControllerRevision[]
  /** That of the present template. */
  readonly current: ControllerRevision
  readonly collisionCount: number
}

/** The informer of revisions, ready for `followHistory`. */
export const revisionsOf = ({ client }: ControllerContext) => indexOwners(client.informer(controllerRevisionKind))

/**
 * The part of an owner that a revision keeps, as the patch that brings it back; `kubectl rollout undo` applies it. Clients find the
 * present revision by comparing bytes with a patch that they make themselves, hence the order of keys.
 */
const dataOf = (template: PodTemplateSpec | undefined): unknown => ({
  spec: { template: withSortedKeys({ ...template, $patch: 'replace' }) },
})

export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { $patch: _patch, ...template } = (data as { spec?: { template?: Record<string, unknown> } } | undefined)?.spec?.template ?? {}
  return template as PodTemplateSpec
}

const byRevision = (left: ControllerRevision, right: ControllerRevision): number =>
  left.revision - right.revision || (left.metadata.name ?? '').localeCompare(right.metadata.name ?? '')

/** Finds or makes the revision of the present template; one that comes back gets the highest number again. */
export async function followHistory(
  context: ControllerContext,
  owner: HistoryOwner,
  ownerKind: Kind,
  collisionCount: number,
  hashLabel: string,
): Promise<History> {
  const { client } = context
  const informer = client.informer(controllerRevisionKind)
  const claim = { client, kind: controllerRevisionKind, owner, ownerKind, selector: owner.spec?.selector }
  const revisions = (await claimObjects(informer, claim)).sort(byRevision)
  const data = dataOf(owner.spec?.template)
  const wanted = canonicalJson(data)
  const highest = revisions.at(-1)?.revision ?? 0
  const same = revisions.filter(revision => canonicalJson(revision.data) === wanted).at(-1)
  if (same && same.revision === highest) return { revisions, current: same, collisionCount }
  if (same) {
    const current = await client.update(controllerRevisionKind, { ...same, revision: highest + 1 })
    await informer.reached(current.metadata.resourceVersion as string)
    const others = revisions.filter(revision => revision !== same)
    return { revisions: [...others, current], current, collisionCount }
  }
  const made = await createRevision(context, owner, ownerKind, { data, wanted, revision: highest + 1, collisionCount, hashLabel })
  return { ...made, revisions: [...revisions, made.current] }
}

interface Draft {
  readonly data: unknown
  readonly wanted: string
  readonly revision: number
  readonly collisionCount: number
  readonly hashLabel: string
}

async function createRevision(
  { client }: ControllerContext,
  owner: HistoryOwner,
  ownerKind: Kind,
  { data, wanted, revision, collisionCount: first, hashLabel }: Draft,
): Promise<{ current: ControllerRevision; collisionCount: number }> {
  for (let collisionCount = first; ; collisionCount++) {
    const hash = shortHash(wanted, collisionCount)
    const metadata = {
      name: `${owner.metadata.name}-${hash}`,
      namespace: owner.metadata.namespace,
      labels: { ...owner.spec?.template?.metadata?.labels, [hashLabel]: hash },
      ...(owner.metadata.annotations && { annotations: owner.metadata.annotations }),
      ownerReferences: [makeControllerReference(owner, ownerKind)],
    }
    try {
      const current = await client.create(controllerRevisionKind, { metadata, data, revision })
      await client.informer(controllerRevisionKind).reached(current.metadata.resourceVersion as string)
      return { current, collisionCount }
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      // Made a moment ago, or another template's.
      const existing = await client.get(controllerRevisionKind, metadata.namespace, metadata.name)
      const isOwn = existing.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid)
      if (isOwn && canonicalJson(existing.data) === wanted) return { current: existing, collisionCount }
    }
  }
}

/** Deletes the oldest revisions that no pod has, beyond the limit; a negative limit keeps all. */
export async function truncateHistory(
  { client }: ControllerContext,
  owner: HistoryOwner,
  revisions: readonly ControllerRevision[],
  isLive: (revision: ControllerRevision) => boolean,
): Promise<void> {
  const limit = owner.spec?.revisionHistoryLimit ?? 10
  if (limit < 0) return
  const unused = revisions.filter(revision => !isLive(revision))
  for (const { metadata } of unused.slice(0, Math.max(0, unused.length - limit))) {
    try {
      await client.delete(controllerRevisionKind, metadata.namespace, metadata.name as string, { preconditions: { uid: metadata.uid } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}
