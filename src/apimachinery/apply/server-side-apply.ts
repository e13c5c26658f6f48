import { badRequest } from '../api-errors.ts'
import { isJsonObject, type JsonObject } from '../json-value.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../meta.ts'
import type { Schema } from '../schema.ts'
import { checkConfiguration, withoutPaths } from './applied-configuration.ts'
import { compare } from './compare.ts'
import { type Conflict, conflictError, conflictsBeyond } from './conflicts.ts'
import { difference, emptySet, type FieldSet, isEmptySet, setOfPaths, setsEqual } from './field-set.ts'
import { fieldSetOf } from './field-set-of.ts'
import { lastAppliedOf, migratingManager, withLastApplied } from './last-applied.ts'
import {
  capUpdateEntries,
  isSameManager,
  type ManagerEntry,
  type ManagerIdentity,
  ownedByAny,
  ownedOf,
  readEntries,
  sortEntries,
  withoutFields,
} from './managers.ts'
import { merge } from './merge.ts'
import { prune } from './prune.ts'
import { trackUpdate, withoutSystemFields } from './track-update.ts'

export interface ServerSideApply {
  readonly schema: Schema
  /** Absent when apply creates the object. */
  readonly live: KubernetesObject | undefined
  /** What the manager wants, decoded in the version of the request and without defaults. */
  readonly applied: KubernetesObject
  readonly manager: string
  readonly apiVersion: string
  readonly subresource?: string
  /** Takes fields over from other managers instead of failing. */
  readonly force: boolean
  readonly time: string
  /** Fields that this endpoint never writes, such as `['status']` on the main resource. */
  readonly ignoredPaths?: readonly (readonly string[])[]
  /** The live object is a part of one that is managed: nobody needs to be made up as the owner of what has none. */
  readonly isPart?: boolean
}

export interface AppliedObject {
  /** The live object itself if apply changes nothing; its metadata.managedFields are not yet the new ones. */
  readonly object: KubernetesObject
  readonly managedFields: readonly ManagedFieldsEntry[]
}

/** Merges a configuration into the live object, takes away what the manager no longer states, and moves ownership. */
export function serverSideApply(input: ServerSideApply): AppliedObject {
  if (input.applied.metadata.managedFields?.length) throw badRequest('metadata.managedFields must be nil')
  checkConfiguration(input.schema, input.applied)
  const applied = input.ignoredPaths?.length ? withoutPaths(input.applied, setOfPaths(input.ignoredPaths)) : input.applied
  const stated = fieldSetOf(input.schema, applied, 'none') ?? emptySet
  const before = entriesBefore(input)
  const object = resultOf(input, applied, stated, before)
  const changes = input.live ? compare(input.schema, input.live, object) : { taken: emptySet, removed: emptySet }

  if (!input.force) refuseConflicts(input, conflictsWith(before, identityOf(input), changes.taken))
  const managedFields = entriesAfter(input, before, stated, changes, object !== input.live)
  const migrates = input.manager === migratingManager && lastAppliedOf(object) !== undefined
  return { object: migrates ? withLastApplied(object, input.applied) : object, managedFields }
}

const identityOf = (input: ServerSideApply): ManagerIdentity => ({ ...input, operation: 'Apply' })

/** An object that nobody managed so far is taken to be the work of one unknown manager, so that apply doesn't overwrite it unseen. */
function entriesBefore({ schema, live, apiVersion, subresource, time, isPart }: ServerSideApply): readonly ManagerEntry[] {
  if (!live) return []
  const entries = readEntries(live.metadata.managedFields)
  if (entries?.length || isPart) return entries ?? []
  const unmanaged = { ...live, metadata: { ...live.metadata, managedFields: undefined } }
  const tracked = trackUpdate({ schema, live: undefined, updated: unmanaged, manager: 'before-first-apply', apiVersion, subresource, time })
  return readEntries(tracked) ?? []
}

function resultOf(input: ServerSideApply, applied: KubernetesObject, stated: FieldSet, before: readonly ManagerEntry[]): KubernetesObject {
  const { schema, live } = input
  if (!live) return applied
  const merged = merge(schema, live, applied) as KubernetesObject
  const identity = identityOf(input)
  const last = before.find(entry => isSameManager(entry, identity))?.fieldsV1
  // Who states the same fields as last time leaves nothing behind.
  if (!last || setsEqual(last, withoutSystemFields(stated))) return merged
  const others = before.filter(entry => !isSameManager(entry, identity))
  const managed = ownedByAny([...others, { fieldsV1: stated }])
  return (prune(schema, merged, last, managed) ?? merged) as KubernetesObject
}

function conflictsWith(entries: readonly ManagerEntry[], identity: ManagerIdentity, taken: FieldSet): readonly Conflict[] {
  if (isEmptySet(taken)) return []
  return entries
    .filter(entry => !isSameManager(entry, identity))
    .map(entry => ({ entry, fields: ownedOf(entry, taken) }))
    .filter(({ fields }) => !isEmptySet(fields))
}

function refuseConflicts(input: ServerSideApply, conflicts: readonly Conflict[]): void {
  if (conflicts.length === 0) return
  const allowed = input.manager === migratingManager ? clientAppliedFields(input) : emptySet
  const left = conflictsBeyond(conflicts, allowed)
  if (left.length) throw conflictError(left)
}

/**
 * What kubectl may take over without force: the fields that its own client-side apply wrote, as the annotation proves,
 * and that nobody has changed since.
 */
function clientAppliedFields({ schema, live, apiVersion }: ServerSideApply): FieldSet {
  const configuration = parseObject(lastAppliedOf(live))
  if (configuration?.apiVersion !== apiVersion) return emptySet
  const since = compare(schema, configuration, live)
  const written = fieldSetOf(schema, configuration, 'none') ?? emptySet
  return difference(difference(written, since.taken), since.removed)
}

function parseObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    // An annotation that is no JSON proves nothing; the conflicts then stand.
    return undefined
  }
}

function entriesAfter(
  input: ServerSideApply,
  before: readonly ManagerEntry[],
  stated: FieldSet,
  { taken, removed }: { readonly taken: FieldSet; readonly removed: FieldSet },
  changed: boolean,
): readonly ManagerEntry[] {
  const identity = identityOf(input)
  const entries: ManagerEntry[] = []
  let previous: ManagerEntry | undefined
  for (const entry of before) {
    if (isSameManager(entry, identity)) previous = entry
    else {
      const left = withoutFields(entry, taken, removed)
      if (left) entries.push(left)
    }
  }
  const own = appliedEntry(input, previous, withoutSystemFields(stated), changed)
  if (own) entries.push(own)
  const after = sortEntries(capUpdateEntries(entries))
  return after.length === before.length && after.every((entry, index) => entry === before[index]) ? before : after
}

function appliedEntry(
  input: ServerSideApply,
  previous: ManagerEntry | undefined,
  fieldsV1: FieldSet,
  changed: boolean,
): ManagerEntry | undefined {
  const { manager, apiVersion, subresource, time } = input
  if (isEmptySet(fieldsV1)) return undefined
  const same = previous?.apiVersion === apiVersion && setsEqual(previous.fieldsV1, fieldsV1)
  if (previous && same && !changed) return previous
  return { manager, operation: 'Apply', apiVersion, time, fieldsType: 'FieldsV1', fieldsV1, ...(subresource && { subresource }) }
}
