import type { ManagedFieldsEntry } from '../meta.ts'
import { type FieldSet, intersection, isEmptySet, setOfPaths, union } from './field-set.ts'
import { type ManagerEntry, readEntries, sortEntries, withoutFields } from './managers.ts'

/** The one field that a view such as Scale writes: where it stands in the view, and where in the object. */
export interface ViewField {
  readonly view: readonly string[]
  readonly object: readonly string[]
}

/** Who owns the field of the view, as the view's own managedFields would say. */
export function ownersOfView(entries: readonly ManagedFieldsEntry[], field: ViewField, viewVersion: string): readonly ManagedFieldsEntry[] {
  const inObject = setOfPaths([field.object])
  const fieldsV1 = setOfPaths([field.view])
  return (readEntries(entries) ?? []).filter(entry => owns(entry, inObject)).map(entry => ({ ...entry, apiVersion: viewVersion, fieldsV1 }))
}

/** The entries of the object once those of the view are `viewEntries`. */
export function ownersAfterView(
  entries: readonly ManagedFieldsEntry[],
  viewEntries: readonly ManagedFieldsEntry[],
  field: ViewField,
  objectVersion: string,
): readonly ManagedFieldsEntry[] {
  const inObject = setOfPaths([field.object])
  const inView = setOfPaths([field.view])
  const owners = (readEntries(viewEntries) ?? []).filter(entry => owns(entry, inView))
  const kept: ManagerEntry[] = []
  for (const entry of readEntries(entries) ?? []) {
    const owner = owners.find(one => isSame(one, entry))
    const after = owner ? withFields(entry, inObject, owner.time) : withoutFields(entry, inObject)
    if (after) kept.push(after)
  }
  const added = owners.filter(owner => !kept.some(entry => isSame(entry, owner)))
  return sortEntries([...kept, ...added.map(owner => ({ ...owner, apiVersion: objectVersion, fieldsV1: inObject }))])
}

const owns = ({ fieldsV1 }: ManagerEntry, field: FieldSet): boolean => !isEmptySet(intersection(fieldsV1, field))

const isSame = (left: ManagedFieldsEntry, right: ManagedFieldsEntry): boolean =>
  left.manager === right.manager && left.operation === right.operation && (left.subresource ?? '') === (right.subresource ?? '')

function withFields(entry: ManagerEntry, added: FieldSet, time: string | undefined): ManagerEntry {
  const fieldsV1 = union(entry.fieldsV1, added)
  return fieldsV1 === entry.fieldsV1 ? entry : { ...entry, fieldsV1, ...(time !== undefined && { time }) }
}
