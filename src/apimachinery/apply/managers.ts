import type { ManagedFieldsEntry } from '../meta.ts'
import { difference, emptySet, type FieldSet, intersection, isEmptySet, isFieldSet, union } from './field-set.ts'

/** Who owns which fields: one entry each, with its set. */
export interface ManagerEntry extends ManagedFieldsEntry {
  readonly fieldsV1: FieldSet
}

/** An identity of a manager; an applier is the same in every version. */
export interface ManagerIdentity {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource?: string
}

export const isSameManager = (entry: ManagedFieldsEntry, identity: ManagerIdentity): boolean =>
  entry.manager === identity.manager &&
  entry.operation === identity.operation &&
  (entry.subresource ?? '') === (identity.subresource ?? '') &&
  (identity.operation === 'Apply' || entry.apiVersion === identity.apiVersion)

/** The entries of an object, or undefined if they can't be understood. */
export function readEntries(entries: readonly ManagedFieldsEntry[] | undefined): readonly ManagerEntry[] | undefined {
  if (entries === undefined) return []
  return entries.every(isManagerEntry) ? entries : undefined
}

function isManagerEntry(entry: ManagedFieldsEntry): entry is ManagerEntry {
  const known = entry.operation === 'Apply' || entry.operation === 'Update'
  return known && (entry.fieldsType ?? 'FieldsV1') === 'FieldsV1' && isFieldSet(entry.fieldsV1 ?? emptySet)
}

/** What someone else's write leaves to an entry; the same entry where it loses nothing, undefined where nothing is left. */
export function withoutFields(entry: ManagerEntry, ...lost: readonly FieldSet[]): ManagerEntry | undefined {
  const left = lost.reduce(difference, entry.fieldsV1)
  if (left === entry.fieldsV1) return entry
  return isEmptySet(left) ? undefined : { ...entry, fieldsV1: left }
}

export const ownedByAny = (entries: readonly ManagerEntry[]): FieldSet =>
  entries.reduce<FieldSet>((all, entry) => union(all, entry.fieldsV1), emptySet)

/** What of `fields` an entry owns. */
export const ownedOf = (entry: ManagerEntry, fields: FieldSet): FieldSet => intersection(fields, entry.fieldsV1)

/** Upstream's order: appliers first, then by time, manager, version and subresource. */
export function sortEntries(entries: readonly ManagerEntry[]): readonly ManagerEntry[] {
  const before = (a: string | undefined, b: string | undefined) => ((a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0)
  const compareEntries = (a: ManagerEntry, b: ManagerEntry) =>
    before(a.operation, b.operation) ||
    before(a.time, b.time) ||
    before(a.manager, b.manager) ||
    before(a.apiVersion, b.apiVersion) ||
    before(a.subresource, b.subresource)
  return entries.length < 2 ? entries : entries.toSorted(compareEntries)
}

const maximumUpdateEntries = 10

/** Folds the oldest update entries of a version into one of manager `ancient-changes`, until there are at most ten. */
export function capUpdateEntries(entries: readonly ManagerEntry[]): readonly ManagerEntry[] {
  const updates = entries.filter(entry => entry.operation === 'Update')
  let surplus = updates.length - maximumUpdateEntries
  if (surplus <= 0) return entries
  const folded = new Map<string, { entry: ManagerEntry; sources: ManagerEntry[] }>()
  for (const entry of sortEntries(updates)) {
    if (surplus <= 0) break
    const version = entry.apiVersion ?? ''
    const bucket = folded.get(version)
    if (!bucket) folded.set(version, { entry, sources: [entry] })
    else {
      // The time is that of the younger change.
      const fieldsV1 = union(bucket.entry.fieldsV1, entry.fieldsV1)
      bucket.entry = {
        manager: 'ancient-changes',
        operation: 'Update',
        apiVersion: version,
        time: entry.time,
        fieldsType: 'FieldsV1',
        fieldsV1,
      }
      bucket.sources.push(entry)
      surplus--
    }
  }
  const buckets = [...folded.values()].filter(bucket => bucket.sources.length > 1)
  const gone = new Set(buckets.flatMap(bucket => bucket.sources))
  return [...entries.filter(entry => !gone.has(entry)), ...buckets.map(bucket => bucket.entry)]
}
