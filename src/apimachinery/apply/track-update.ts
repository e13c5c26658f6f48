import { jsonEquals } from '../json-value.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../meta.ts'
import type { Schema } from '../schema.ts'
import { compare } from './compare.ts'
import { difference, emptySet, type FieldSet, isEmptySet, leaf, recursiveDifference, setOfPaths, union } from './field-set.ts'
import { fieldSetOf } from './field-set-of.ts'
import {
  capUpdateEntries,
  isSameManager,
  type ManagerEntry,
  type ManagerIdentity,
  readEntries,
  sortEntries,
  withoutFields,
} from './managers.ts'

export interface TrackedUpdate {
  readonly schema: Schema
  /** Absent when the object is created. */
  readonly live: KubernetesObject | undefined
  readonly updated: KubernetesObject
  readonly manager: string
  readonly apiVersion: string
  readonly subresource?: string
  readonly time: string
  /** Fields that this endpoint never writes, such as `['status']` on the main resource. */
  readonly ignoredPaths?: readonly (readonly string[])[]
}

/**
 * The managedFields after a create, update or patch: the writer owns what it added or changed, and nobody owns what is gone.
 * The live object's own array comes back where nothing changes.
 */
export function trackUpdate(input: TrackedUpdate): readonly ManagedFieldsEntry[] {
  const before = entriesBefore(input)
  const { taken, removed } = changesOf(input)
  if (isEmptySet(taken) && isEmptySet(removed)) return before
  const identity: ManagerIdentity = { ...input, operation: 'Update' }
  const entries: ManagerEntry[] = []
  let own: ManagerEntry | undefined
  for (const entry of before) {
    if (isSameManager(entry, identity)) {
      own = withoutFields(entry, removed)
      continue
    }
    const left = withoutFields(entry, taken, removed)
    if (left) entries.push(left)
  }
  if (!isEmptySet(taken)) own = updateEntry(input, own, taken)
  if (own) entries.push(own)
  const after = sortEntries(capUpdateEntries(entries))
  return after.length === before.length && after.every((entry, index) => entry === before[index]) ? before : after
}

function changesOf({ schema, live, updated, ignoredPaths = [] }: TrackedUpdate): { taken: FieldSet; removed: FieldSet } {
  const changes = live
    ? compare(schema, live, updated, systemFields)
    : { taken: fieldSetOf(schema, updated, 'collections') ?? emptySet, removed: emptySet }
  const ignored = ignoredPaths.length ? setOfPaths(ignoredPaths) : emptySet
  return {
    taken: recursiveDifference(withoutSystemFields(changes.taken), ignored),
    removed: recursiveDifference(withoutSystemFields(changes.removed), ignored),
  }
}

/** An update that changes fields renews its time, even if it owned them before. */
function updateEntry(input: TrackedUpdate, own: ManagerEntry | undefined, taken: FieldSet): ManagerEntry {
  const { manager, apiVersion, subresource, time } = input
  const fieldsV1 = own ? union(own.fieldsV1, taken) : taken
  return { manager, operation: 'Update', apiVersion, time, fieldsType: 'FieldsV1', fieldsV1, ...(subresource && { subresource }) }
}

/**
 * Clients may rewrite managedFields on the main resource (to move ownership from client-side apply, say), a single empty
 * entry resets them, and clients that leave them out or garble them change nothing.
 */
function entriesBefore({ live, updated, subresource }: TrackedUpdate): readonly ManagerEntry[] {
  const stored = live?.metadata.managedFields
  const given = subresource ? undefined : updated.metadata.managedFields
  if (given === undefined || given.length === 0 || given === stored || jsonEquals(given, stored)) return readEntries(stored) ?? []
  const [first] = given
  if (given.length === 1 && first && Object.keys(first).length === 0) return []
  return readEntries(given) ?? readEntries(stored) ?? []
}

/** What the server itself keeps in every object belongs to no manager. */
export const withoutSystemFields = (set: FieldSet): FieldSet => difference(set, systemFields)

const systemFields: FieldSet = {
  'f:apiVersion': leaf,
  'f:kind': leaf,
  'f:metadata': {
    '.': leaf,
    'f:name': leaf,
    'f:namespace': leaf,
    'f:creationTimestamp': leaf,
    'f:selfLink': leaf,
    'f:uid': leaf,
    'f:clusterName': leaf,
    'f:generation': leaf,
    'f:managedFields': leaf,
    'f:resourceVersion': leaf,
  },
}
