import { expired, internalError, type Status, StatusError } from '../../apimachinery/api-errors.ts'
import type { CallOptions } from '../../apimachinery/connection.ts'
import { type FieldError, forbiddenField, unsupportedField } from '../../apimachinery/field-error.ts'
import { Compacted, type StorageEvent, type StoredVersion } from '../../storage/types.ts'
import { prepareVersions } from '../registry/prepare.ts'
import { parseRevision, type ReadContext, waitForRevision } from '../registry/read.ts'
import { parseSelection, type Selection } from '../registry/selection.ts'
import { invalidOptions } from '../request/options.ts'
import { collectionPrefix, type Resource } from '../resources.ts'
import type { SharedItems } from './shared-items.ts'

/** What a watcher is told. The object is a reference to a version; `revision` is the one to show with it. */
export type WatchItem =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly version: StoredVersion; readonly revision: number }
  | { readonly type: 'BOOKMARK'; readonly revision: number; readonly initialEventsEnd: boolean }
  | { readonly type: 'ERROR'; readonly status: Status }

export interface OpenWatch {
  readonly resource: Resource
  readonly bookmarks: boolean
  /** There is something to tell that is not told yet. */
  readonly waiting: boolean
  /** What is there at the start, then what changes, in order. Called from the store: must not throw. */
  start(listener: (items: readonly WatchItem[]) => void): () => void
}

export interface WatchContext extends ReadContext {
  readonly sharedItems: SharedItems
}

/** Checks a watch and finds where it starts. What can't be started is told inside the stream, as upstream does. */
export async function openWatch(context: WatchContext, resource: Resource, namespace: string, options: CallOptions): Promise<OpenWatch> {
  checkWatchOptions(options)
  const selection = parseSelection(resource, options)
  const revision = parseRevision(options.resourceVersion)
  const { storage, clock, signal, sharedItems } = context
  const initial = options.sendInitialEvents ?? (revision === undefined || revision === 0)
  if (initial && revision === undefined) await storage.fresh()
  if (initial && revision !== undefined && revision > storage.committed.revision) await waitForRevision(storage, clock, revision, signal)
  const bookmarks = options.allowWatchBookmarks === true
  const prefix = collectionPrefix(resource, namespace)
  const deliveries = new Set<Delivery>()
  return {
    resource,
    bookmarks,
    get waiting() {
      for (const delivery of deliveries) if (delivery.waiting) return true
      return false
    },
    start(listener) {
      const later = resource.kind.storage?.convert ? afterConversion(resource, listener) : undefined
      if (later) deliveries.add(later)
      let after = revision ?? 0
      if (initial || after === 0) after = storage.committed.revision
      if (initial) {
        const { committed } = storage
        const versions = committed.list(prefix)
        const itemsOf = () => initialItems(versions, committed.revision, selection, options.sendInitialEvents === true)
        if (later) later.tell(() => versions, itemsOf)
        else tellIfAny(listener, itemsOf())
      }
      const shared = selection.everything ? sharedItems : undefined
      const onEvents = later
        ? (events: readonly StorageEvent[]) =>
            later.tell(
              () => versionsOf(events),
              () => itemsOf(events, selection, after, shared),
            )
        : (events: readonly StorageEvent[]) => tellIfAny(listener, itemsOf(events, selection, after, shared))
      const close = () => {
        if (later) deliveries.delete(later)
        later?.close()
      }
      try {
        const watch = storage.watch(prefix, Math.min(after, storage.committed.revision), onEvents)
        return () => {
          watch.close()
          close()
        }
      } catch (error) {
        if (!(error instanceof Compacted)) throw error
        listener([{ type: 'ERROR', status: tooOld(after, error.compactedRevision).status }])
        return close
      }
    },
  }
}

interface Delivery {
  /** The versions must be readable for what is to be told. */
  tell(versions: () => readonly StoredVersion[], items: () => readonly WatchItem[]): void
  readonly waiting: boolean
  close(): void
}

/** Objects that somebody else converts come later, but in order. */
function afterConversion(resource: Resource, listener: (items: readonly WatchItem[]) => void): Delivery {
  let last = Promise.resolve()
  let waiting = 0
  let closed = false
  const deliver = async (versions: () => readonly StoredVersion[], itemsOf: () => readonly WatchItem[]) => {
    if (closed) return
    try {
      await prepareVersions(resource, versions())
      const items = closed ? [] : itemsOf()
      if (items.length > 0) listener(items)
    } catch (error) {
      const status = error instanceof StatusError ? error.status : internalError(error).status
      if (!closed) listener([{ type: 'ERROR', status }])
      closed = true
    } finally {
      waiting--
    }
  }
  return {
    get waiting() {
      return waiting > 0
    },
    tell(versions, itemsOf) {
      waiting++
      last = last.then(() => deliver(versions, itemsOf))
    },
    close() {
      closed = true
    },
  }
}

const versionsOf = (events: readonly StorageEvent[]): readonly StoredVersion[] =>
  events.flatMap(({ old, new: current }) => [...(old ? [old] : []), ...(current ? [current] : [])])

const tooOld = (requested: number, compacted: number): StatusError => expired(`too old resource version: ${requested} (${compacted + 1})`)

function checkWatchOptions({ sendInitialEvents, resourceVersionMatch: match }: CallOptions): void {
  const errors: FieldError[] = []
  if (sendInitialEvents !== undefined && match === undefined) {
    errors.push(forbiddenField('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  if (match !== undefined && sendInitialEvents === undefined) {
    errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  }
  if (match !== undefined && match !== 'NotOlderThan') errors.push(unsupportedField('resourceVersionMatch', match, ['NotOlderThan']))
  if (errors.length > 0) throw invalidOptions('List', errors)
}

function initialItems(
  versions: readonly StoredVersion[],
  revision: number,
  selection: Selection,
  endsWithBookmark: boolean,
): readonly WatchItem[] {
  const items: WatchItem[] = []
  for (const version of versions) {
    if (selection.everything || selection.matches(version)) items.push({ type: 'ADDED', version, revision: version.revision })
  }
  if (endsWithBookmark) items.push({ type: 'BOOKMARK', revision, initialEventsEnd: true })
  return items
}

const tellIfAny = (listener: (items: readonly WatchItem[]) => void, items: readonly WatchItem[]) => {
  if (items.length > 0) listener(items)
}

/** What a watcher is told of these; `shared` where it watches everything. */
const itemsOf = (events: readonly StorageEvent[], selection: Selection, after: number, shared: SharedItems | undefined) =>
  shared && isAfter(events, after) ? shared(events) : translate(events, selection, after)

const isAfter = (events: readonly StorageEvent[], revision: number): boolean => (events[0]?.revision ?? 0) > revision

/** An object that begins or ceases to match is added or deleted for this watcher, whatever happened to it. */
function translate(events: readonly StorageEvent[], selection: Selection, after: number): WatchItem[] {
  const items: WatchItem[] = []
  for (const { old, new: current, revision } of events) {
    if (revision <= after) continue
    const before = old !== undefined && (selection.everything || selection.matches(old))
    const now = current !== undefined && (selection.everything || selection.matches(current))
    if (now) items.push({ type: before ? 'MODIFIED' : 'ADDED', version: current, revision })
    else if (before) items.push({ type: 'DELETED', version: old, revision })
  }
  return items
}
