import { badRequest } from '../api-errors.ts'
import { cannotUnmarshal, isJsonObject, type JsonObject, memberOf, setMember } from '../json-value.ts'
import type { ObjectNode, Schema } from '../schema.ts'
import { resolveSchema } from '../schema.ts'
import { arrangeItems, checkOrderCovers } from './element-order.ts'

const directive = '$patch'
const retainKeys = '$retainKeys'
const deleteFromPrimitiveList = '$deleteFromPrimitiveList/'
const setElementOrder = '$setElementOrder/'

/**
 * Strategic merge patch: like a merge patch, but lists whose schema says so are merged item by item,
 * by merge key or as sets of scalars, and directives (`$patch`, `$retainKeys` ...) say what plain JSON can't.
 */
export function applyStrategicMergePatch(schema: ObjectNode, original: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) throw badRequest(cannotUnmarshal(patch, 'value of type map[string]interface {}'))
  return mergeObjects(schema, isJsonObject(original) ? original : {}, patch)
}

function mergeObjects(schema: Schema | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  if (Object.hasOwn(patch, directive)) return replaceOrDelete(patch)
  const merged: Record<string, unknown> = Object.hasOwn(patch, retainKeys) ? retained(original, patch) : { ...original }
  const ordered = mergeOrderedLists(schema, merged, patch)
  for (const key in patch) {
    if (ordered.has(key) || isDirective(key)) continue
    mergeMember(schema, merged, key, patch[key])
  }
  for (const key in patch) {
    if (key.startsWith(deleteFromPrimitiveList)) removeScalars(merged, key.slice(deleteFromPrimitiveList.length), patch[key])
  }
  return merged
}

function mergeMember(schema: Schema | undefined, merged: Record<string, unknown>, key: string, value: unknown): void {
  if (value === null) {
    delete merged[key]
    return
  }
  const current = memberOf(merged, key)
  const { child, strategy, mergeKey, replaces } = lookUp(schema, key)
  if (isJsonObject(value) && isJsonObject(current) && !replaces) {
    setMember(merged, key, mergeObjects(child, current, value))
  } else if (Array.isArray(value) && Array.isArray(current) && strategy) {
    setMember(merged, key, mergeLists(child, current, value, mergeKey))
  } else {
    const added = withoutDirectives(value)
    if (added === undefined) delete merged[key]
    else setMember(merged, key, added)
  }
}

/** `$patch: replace` takes the patch as the new object, `$patch: delete` leaves an empty one. */
function replaceOrDelete(patch: JsonObject): JsonObject {
  const { [directive]: kind, ...rest } = patch
  if (kind === 'replace') return rest
  if (kind === 'delete') return {}
  throw unknownDirective(kind, patch)
}

/** `$retainKeys` lists every member that may stay; the patch may set no other. */
function retained(original: JsonObject, patch: JsonObject): Record<string, unknown> {
  const keys = patch[retainKeys]
  if (!Array.isArray(keys)) throw badRequest('invalid patch format of retainKeys')
  const retain = new Set<unknown>(keys)
  for (const key in patch) {
    if (patch[key] !== null && !isDirective(key) && !retain.has(key)) throw badRequest('invalid patch format of retainKeys')
  }
  const result: Record<string, unknown> = {}
  for (const key in original) if (retain.has(key)) setMember(result, key, original[key])
  return result
}

/** Lists that come with a `$setElementOrder`: merged, then put into that order. Returns the keys that are done. */
function mergeOrderedLists(schema: Schema | undefined, merged: Record<string, unknown>, patch: JsonObject): ReadonlySet<string> {
  const done = new Set<string>()
  for (const orderKey in patch) {
    if (!orderKey.startsWith(setElementOrder)) continue
    const key = orderKey.slice(setElementOrder.length)
    const order = expectList(patch[orderKey])
    const changes = Object.hasOwn(patch, key) ? expectList(patch[key]) : undefined
    const original = Object.hasOwn(merged, key) ? expectList(merged[key]) : undefined
    done.add(key)
    if (changes === undefined && original === undefined) continue
    const { child, strategy, mergeKey } = lookUp(schema, key)
    if (changes) checkOrderCovers(changes, order, mergeKey)
    const items = mergeOrAdd(child, original, changes, strategy, mergeKey)
    setMember(merged, key, arrangeItems(items, order, original ?? [], mergeKey))
  }
  return done
}

function mergeOrAdd(
  schema: Schema | undefined,
  original: readonly unknown[] | undefined,
  changes: readonly unknown[] | undefined,
  strategy: boolean,
  mergeKey: string | undefined,
): readonly unknown[] {
  if (changes === undefined) return original ?? []
  if (original === undefined || !strategy) return withoutDirectives(changes) as unknown[]
  return mergeLists(schema, original, changes, mergeKey)
}

function mergeLists(
  schema: Schema | undefined,
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  if (original.length === 0 && patch.length === 0) return original
  if (!ofObjects(original, patch)) return arrangeItems([...new Set([...original, ...patch])], patch, original, undefined)
  if (mergeKey === undefined) throw badRequest('cannot merge lists without merge key')
  const { kept, changes } = applyItemDirectives(original as JsonObject[], patch as JsonObject[], mergeKey)
  const merged: JsonObject[] = [...kept]
  // Where keys repeat (ports of two protocols), the first item is the one that a patch means.
  const places = new Map<unknown, number>()
  for (const [index, item] of kept.entries()) {
    const keyValue = requireMergeKey(item, mergeKey)
    if (!places.has(keyValue)) places.set(keyValue, index)
  }
  for (const change of changes) {
    const keyValue = requireMergeKey(change, mergeKey)
    const place = places.get(keyValue)
    const current = place === undefined ? undefined : merged[place]
    if (place !== undefined && current) merged[place] = mergeObjects(schema, current, change)
    else {
      places.set(keyValue, merged.length)
      merged.push(withoutDirectives(change) as JsonObject)
    }
  }
  return arrangeItems(merged, changes, kept, mergeKey)
}

/** Items that carry a `$patch`: delete takes the item of that key away, replace makes the patch the whole list. */
function applyItemDirectives(original: readonly JsonObject[], patch: readonly JsonObject[], mergeKey: string) {
  const changes = patch.filter(item => !Object.hasOwn(item, directive))
  const deleted = new Set<unknown>()
  let replace = false
  for (const item of patch) {
    if (!Object.hasOwn(item, directive)) continue
    if (item[directive] === 'replace') replace = true
    else if (item[directive] === 'delete') deleted.add(requireMergeKey(item, mergeKey))
    else if (item[directive] === 'merge') throw badRequest('merging lists cannot yet be specified in the patch')
    else throw unknownDirective(item[directive], item)
  }
  const kept = deleted.size ? original.filter(item => !deleted.has(requireMergeKey(item, mergeKey))) : original
  return replace ? { kept: changes.map(item => withoutDirectives(item) as JsonObject), changes: [] } : { kept, changes }
}

function removeScalars(merged: Record<string, unknown>, key: string, values: unknown): void {
  if (!Array.isArray(values) || values.some(value => typeof value === 'object' && value !== null)) {
    throw badRequest('invalid patch format of primitive list')
  }
  const removed = new Set<unknown>(values)
  const current = memberOf(merged, key)
  if (Array.isArray(current))
    setMember(
      merged,
      key,
      current.filter(item => !removed.has(item)),
    )
}

/** What the patch adds where nothing was: without directives and nulls; undefined for an object that is marked for deletion. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter(item => item !== undefined)
  if (!isJsonObject(value)) return value
  if (value[directive] === 'delete') return undefined
  const result: Record<string, unknown> = {}
  for (const key in value) {
    if (isDirective(key) || value[key] === null) continue
    const member = withoutDirectives(value[key])
    if (member !== undefined) setMember(result, key, member)
  }
  return result
}

/** The schema of a member, or of a list's items, and whether lists there are merged. */
function lookUp(schema: Schema | undefined, key: string): Member {
  const node = schema && resolveSchema(schema)
  if (node?.type === 'map') return { child: node.values, strategy: false, mergeKey: undefined, replaces: false }
  if (node?.type !== 'object' || !Object.hasOwn(node.fields, key)) return unknownMember
  const field = node.fields[key]
  const fieldNode = field && resolveSchema(field.schema)
  return {
    child: fieldNode?.type === 'list' ? fieldNode.items : fieldNode,
    strategy: field?.patchStrategy?.includes('merge') ?? false,
    mergeKey: field?.patchMergeKey,
    replaces: field?.patchStrategy === 'replace',
  }
}

interface Member {
  readonly child: Schema | undefined
  readonly strategy: boolean
  readonly mergeKey: string | undefined
  /** An object that is never merged, only replaced. */
  readonly replaces: boolean
}

const unknownMember: Member = { child: undefined, strategy: false, mergeKey: undefined, replaces: false }

function ofObjects(original: readonly unknown[], patch: readonly unknown[]): boolean {
  let objects = 0
  for (const list of [original, patch]) {
    for (const item of list) {
      if (Array.isArray(item)) throw badRequest('lists of lists are not supported')
      if (isJsonObject(item)) objects++
    }
  }
  if (objects !== 0 && objects !== original.length + patch.length) {
    throw badRequest('list element types are not identical: the list mixes objects and scalars')
  }
  return objects !== 0
}

function requireMergeKey(item: JsonObject, mergeKey: string): unknown {
  if (!Object.hasOwn(item, mergeKey)) throw badRequest(`map: ${formatGoValue(item)} does not contain declared merge key: ${mergeKey}`)
  return item[mergeKey]
}

function expectList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const actual =
    value === null ? '%!s(<nil>)' : isJsonObject(value) ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : typeof value
  throw badRequest(`expected a []interface {}, but received a ${actual}`)
}

const unknownDirective = (kind: unknown, patch: JsonObject) =>
  badRequest(`unknown patch type: ${formatGoValue(kind)} in map: ${formatGoValue(patch)}`)

const isDirective = (key: string) =>
  key.startsWith('$') &&
  (key === directive || key === retainKeys || key.startsWith(setElementOrder) || key.startsWith(deleteFromPrimitiveList))

/** Values as Go's `%v` prints them, since upstream's messages hold them so. */
function formatGoValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(formatGoValue).join(' ')}]`
  if (!isJsonObject(value)) return String(value)
  const members = Object.keys(value)
    .sort()
    .map(key => `${key}:${formatGoValue(value[key])}`)
  return `map[${members.join(' ')}]`
}
