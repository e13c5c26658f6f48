import { expired, type Status, StatusError } from '../../apimachinery/api-errors.ts'
import type { CallOptions } from '../../apimachinery/connection.ts'
import { type FieldError, forbiddenField, unsupportedField } from '../../apimachinery/field-error.ts'
import { Compacted, type StorageEvent, type StoredVersion } from '../../storage/types.ts'
import { parseRevision, type ReadContext, waitForRevision } from '../registry/read.ts'
import { parseSelection, type Selection } from '../registry/selection.ts'
import { invalidOptions } from '../request/options.ts'
import { collectionPrefix, type Resource } from '../resources.ts'

/** What a watcher is told. The object is a reference to a version; `revision` is the one to show with it. */
export type WatchItem =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly version: StoredVersion; readonly revision: number }
  | { readonly type: 'BOOKMARK'; readonly revision: number; readonly initialEventsEnd: boolean }
  | { readonly type: 'ERROR'; readonly status: Status }

export interface OpenWatch {
  readonly resource: Resource
  readonly bookmarks: boolean
  /** What is there at the start, then what changes, in order. Called from the store: must not throw. */
  start(listener: (items: readonly WatchItem[]) => void): () => void
}

/** Checks a watch and finds where it starts. What can't be started is told inside the stream, as upstream does. */
export async function openWatch(context: ReadContext, resource: Resource, namespace: string, options: CallOptions): Promise<OpenWatch> {
  checkWatchOptions(options)
  const selection = parseSelection(resource, options)
  const revision = parseRevision(options.resourceVersion)
  const { storage, clock, signal } = context
  const initial = options.sendInitialEvents ?? (revision === undefined || revision === 0)
  if (initial && revision === undefined) await storage.fresh()
  if (initial && revision !== undefined && revision > storage.committed.revision) await waitForRevision(storage, clock, revision, signal)
  const bookmarks = options.allowWatchBookmarks === true
  const prefix = collectionPrefix(resource, namespace)
  return {
    resource,
    bookmarks,
    start(listener) {
      let after = revision ?? 0
      if (initial || after === 0) after = storage.committed.revision
      if (initial) listener(initialItems(context, prefix, selection, options.sendInitialEvents === true))
      try {
        const watch = storage.watch(prefix, Math.min(after, storage.committed.revision), events => {
          const items = translate(events, selection, after)
          if (items.length > 0) listener(items)
        })
        return () => watch.close()
      } catch (error) {
        if (!(error instanceof Compacted)) throw error
        listener([{ type: 'ERROR', status: tooOld(after, error.compactedRevision).status }])
        return () => {}
      }
    },
  }
}

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

function initialItems({ storage }: ReadContext, prefix: string, selection: Selection, endsWithBookmark: boolean): WatchItem[] {
  const { committed } = storage
  const items: WatchItem[] = []
  for (const version of committed.list(prefix)) {
    if (selection.everything || selection.matches(version)) items.push({ type: 'ADDED', version, revision: version.revision })
  }
  if (endsWithBookmark) items.push({ type: 'BOOKMARK', revision: committed.revision, initialEventsEnd: true })
  return items
}

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
