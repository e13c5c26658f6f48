import { badRequest, expired, notFound, StatusError } from '../../apimachinery/api-errors.ts'
import type { CallOptions } from '../../apimachinery/connection.ts'
import { forbiddenField, invalidField, requiredField, unsupportedField } from '../../apimachinery/field-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { Storage } from '../../storage/storage.ts'
import { Compacted, FutureRevision, type StorageView, type StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { invalidOptions } from '../request/options.ts'
import { collectionPrefix, objectKey, type Resource } from '../resources.ts'
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts'
import { prepareVersions } from './prepare.ts'
import { parseSelection, type Selection } from './selection.ts'
import { isSelectable } from './stored-object.ts'

/** Reads: always from the committed state, or from a snapshot of it. */
export interface ReadContext {
  readonly storage: Storage
  readonly clock: Clock
  readonly signal: AbortSignal
}

export async function readOne(
  { storage, clock, signal }: ReadContext,
  resource: Resource,
  namespace: string,
  name: string,
  resourceVersion: string | undefined,
): Promise<StoredVersion> {
  const minimum = parseRevision(resourceVersion)
  if (minimum === undefined) await storage.fresh()
  else if (minimum > storage.committed.revision) await waitForRevision(storage, clock, minimum, signal)
  const version = storage.committed.get(objectKey(resource, namespace, name))
  if (!version) throw notFound(resource.groupResource, name)
  return version
}

export interface ListResult {
  readonly versions: readonly StoredVersion[]
  readonly revision: number
  readonly continue: string | undefined
  readonly remainingItemCount: number | undefined
}

export async function readList(context: ReadContext, resource: Resource, namespace: string, options: CallOptions): Promise<ListResult> {
  checkListOptions(options)
  const selection = parseSelection(resource, options)
  const prefix = collectionPrefix(resource, namespace)
  const token = options.continue ? decodeContinueToken(options.continue) : undefined
  const view = await chooseView(context, options, token)
  const start = token ? prefix + token.start : undefined
  const { limit = 0 } = options
  if (selection.everything && limit > 0) return pageOfAll(view, prefix, start, limit)
  const all = selectByName(view, resource, namespace, selection) ?? view.list(prefix, start)
  if (resource.kind.storage?.convert && selection.readsFields) await prepareVersions(resource, all)
  if (selection.everything) return wholeList(view, all)
  const { versions, next } = await page(context.clock, all, selection, limit)
  if (next === all.length) return wholeList(view, versions)
  // With a selector nobody has counted what matches further on.
  return { ...wholeList(view, versions), continue: continueBehind(view, prefix, all[next - 1] as StoredVersion) }
}

/** Only the page itself is read, not all that comes behind it. */
function pageOfAll(view: StorageView, prefix: string, start: string | undefined, limit: number): ListResult {
  const versions = view.list(prefix, start, limit)
  const remaining = versions.length < limit ? 0 : view.count(prefix, start) - limit
  if (remaining === 0) return wholeList(view, versions)
  const next = continueBehind(view, prefix, versions.at(-1) as StoredVersion)
  return { ...wholeList(view, versions), continue: next, remainingItemCount: remaining }
}

const wholeList = ({ revision }: StorageView, versions: readonly StoredVersion[]): ListResult => ({
  versions,
  revision,
  continue: undefined,
  remainingItemCount: undefined,
})

const continueBehind = ({ revision }: StorageView, prefix: string, last: StoredVersion): string =>
  encodeContinueToken({ revision, start: `${last.key.slice(prefix.length)}\0` })

function checkListOptions(options: CallOptions): void {
  const { resourceVersion, resourceVersionMatch: match, limit } = options
  if (options.continue && resourceVersion && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  if (limit !== undefined && limit < 0) throw badRequest('limit must not be negative')
  if (options.sendInitialEvents !== undefined) {
    throw invalidOptions('List', [forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list')])
  }
  if (match === undefined) return
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw invalidOptions('List', [unsupportedField('resourceVersionMatch', match, ['Exact', 'NotOlderThan', ''])])
  }
  if (!resourceVersion) {
    const detail = 'resourceVersionMatch is forbidden unless resourceVersion is provided'
    throw invalidOptions('List', [forbiddenField('resourceVersionMatch', detail)])
  }
  if (options.continue) {
    throw invalidOptions('List', [forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided')])
  }
  if (match === 'Exact' && resourceVersion === '0') {
    const detail = 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'
    throw invalidOptions('List', [forbiddenField('resourceVersionMatch', detail)])
  }
}

/** API conventions, "the resourceVersion parameter": which state a list is made of. */
async function chooseView(
  context: ReadContext,
  options: CallOptions,
  token: { readonly revision: number; readonly start: string } | undefined,
): Promise<StorageView> {
  const { storage, clock, signal } = context
  if (token) return token.revision < 0 ? storage.committed : continuedView(storage, token)
  const revision = parseRevision(options.resourceVersion)
  if (revision === undefined) {
    await storage.fresh()
    return storage.committed
  }
  if (revision > storage.committed.revision) await waitForRevision(storage, clock, revision, signal)
  // A limit with a revision and no match means that very revision, from before there was a match.
  const exact = options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === undefined && options.limit && revision > 0)
  return exact ? exactView(storage, revision) : storage.committed
}

function exactView(storage: Storage, revision: number): StorageView {
  try {
    return storage.snapshot(revision)
  } catch (error) {
    if (error instanceof Compacted) throw expired('The resourceVersion for the provided list is too old.')
    if (error instanceof FutureRevision) throw tooLargeRevision(revision, error.currentRevision)
    throw error
  }
}

function continuedView(storage: Storage, token: { readonly revision: number; readonly start: string }): StorageView {
  try {
    return storage.snapshot(token.revision)
  } catch (error) {
    if (error instanceof FutureRevision) throw badRequest(`continue key is not valid: revision ${token.revision} is in the future`)
    if (!(error instanceof Compacted)) throw error
    const fresh = encodeContinueToken({ revision: -1, start: token.start })
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      fresh,
    )
  }
}

// One name in one namespace is one look-up.
function selectByName(
  view: StorageView,
  resource: Resource,
  namespace: string,
  selection: Selection,
): readonly StoredVersion[] | undefined {
  if (selection.name === undefined || (resource.namespaced && !namespace)) return undefined
  const version = view.get(objectKey(resource, namespace, selection.name))
  return version ? [version] : []
}

/** The next `limit` versions that match, and how far in `all` that went. Lets others go first while it has to decode. */
async function page(
  clock: Clock,
  all: readonly StoredVersion[],
  selection: Selection,
  limit: number,
): Promise<{ versions: readonly StoredVersion[]; next: number }> {
  const versions: StoredVersion[] = []
  let decoded = 0
  for (let index = 0; index < all.length; index++) {
    const version = all[index] as StoredVersion
    if (!isSelectable(version) && ++decoded % limits.decodeSlice === 0) await clock.yield()
    if (!selection.matches(version)) continue
    if (limit > 0 && versions.length === limit) return { versions, next: index }
    versions.push(version)
  }
  return { versions, next: all.length }
}

/** Undefined for the newest, a number otherwise; 0 means any. */
export function parseRevision(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^\d+$/.test(text)) {
    const revision = Number(text)
    if (Number.isSafeInteger(revision)) return revision
  }
  throw invalidOptions('List', [
    invalidField('resourceVersion', text, `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`),
  ])
}

/** Resolves when committed has reached the revision; refuses when it does not within a few seconds. */
export function waitForRevision(storage: Storage, clock: Clock, revision: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      timer.cancel()
      watch.close()
      signal.removeEventListener('abort', abort)
      settle()
    }
    const abort = () => finish(() => reject(signal.reason))
    const watch = storage.onCommit(reached => {
      if (reached >= revision) finish(resolve)
    })
    const timer = clock.setTimer(limits.freshWait_ms, () => finish(() => reject(tooLargeRevision(revision, storage.committed.revision))))
    signal.addEventListener('abort', abort, { once: true })
  })
}

export const tooLargeRevision = (requested: number, current: number): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Timeout: Too large resource version: ${requested}, current: ${current}`,
    reason: 'Timeout',
    details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
    code: 504,
  })

/** For names that a request must carry. */
export const requireName = (name: string): void => {
  if (name === '') throw badRequest(requiredField('name', 'name must be provided').message)
}
