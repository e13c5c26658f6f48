/**
 * Sets of fields, in the very form of FieldsV1: each key is a step of a path (`f:` a field, `k:` an item by its keys,
 * `v:` an item by its value, `i:` an item by its index), `.` or an empty object marks the path itself as a member.
 * Sets are never changed; operations share what stays the same and return the same object where nothing changes.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet
}

export interface MutableFieldSet {
  [element: string]: FieldSet
}

export const emptySet: FieldSet = Object.freeze({})
/** A path that is a member and has no members below it. */
export const leaf: FieldSet = emptySet

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

/** Whether the path of this node, which is not the root, is itself a member. */
export const isMember = (node: FieldSet): boolean => Object.hasOwn(node, '.') || isEmptySet(node)

const childOf = (set: FieldSet, element: string): FieldSet | undefined => (Object.hasOwn(set, element) ? set[element] : undefined)

export function setsEqual(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  return nodesEqual(a, b)
}

function nodesEqual(a: FieldSet, b: FieldSet): boolean {
  let count = 0
  for (const element in a) {
    count++
    // `.` says the same with anything in it.
    if (!Object.hasOwn(b, element)) return false
    if (element !== '.' && !nodesEqual(a[element] ?? leaf, b[element] ?? leaf)) return false
  }
  for (const _ in b) count--
  return count === 0
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a
  if (isEmptySet(a)) return b
  return uniteChildren(a, b)
}

function uniteChildren(a: FieldSet, b: FieldSet): FieldSet {
  let result: MutableFieldSet | undefined
  for (const element in b) {
    const mine = childOf(a, element)
    const theirs = b[element] ?? leaf
    const united = mine === undefined ? theirs : element === '.' ? mine : uniteNodes(mine, theirs)
    if (united === mine) continue
    result ??= { ...a }
    result[element] = united
  }
  return result ?? a
}

function uniteNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  const children = isEmptySet(a) ? b : isEmptySet(b) ? a : uniteChildren(a, b)
  return (isMember(a) || isMember(b)) && !isMember(children) ? { '.': leaf, ...children } : children
}

/** The members of `a` that are not members of `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  let changes: Changes | undefined
  for (const element in b) {
    const mine = element === '.' ? undefined : childOf(a, element)
    if (mine === undefined) continue
    const left = subtractNode(mine, b[element] ?? leaf)
    if (left === mine) continue
    changes ??= new Map()
    changes.set(element, left)
  }
  return changes ? withChanges(a, changes) : a
}

/** What becomes of some children; undefined where nothing is left. */
type Changes = Map<string, FieldSet | undefined>

/** Made anew: an object from which a property was deleted is a dictionary from then on, slow to read and twice as slow to encode. */
function withChanges(set: FieldSet, changes: Changes): FieldSet {
  const result: MutableFieldSet = {}
  for (const element in set) {
    const left = changes.has(element) ? changes.get(element) : set[element]
    if (left !== undefined) result[element] = left
  }
  return result
}

function subtractNode(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const rest = difference(a, b)
  if (!isMember(a)) return isEmptySet(rest) ? undefined : rest
  if (!isMember(b)) return rest
  const below = withoutOwnMark(rest)
  return isEmptySet(below) ? undefined : below
}

function withoutOwnMark(node: FieldSet): FieldSet {
  if (!Object.hasOwn(node, '.')) return node
  const { '.': _, ...rest } = node
  return rest
}

/** Takes away the members of `b` with everything below them. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  let changes: Changes | undefined
  for (const element in b) {
    const mine = element === '.' ? undefined : childOf(a, element)
    if (mine === undefined) continue
    const theirs = b[element] ?? leaf
    const left = isMember(theirs) ? emptySet : recursiveDifference(mine, theirs)
    if (left === mine) continue
    changes ??= new Map()
    // A node that was a member by being empty can't get here, so an empty rest has no members.
    changes.set(element, isEmptySet(left) ? undefined : left)
  }
  return changes ? withChanges(a, changes) : a
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: MutableFieldSet = {}
  for (const element in a) {
    const mine = a[element] ?? leaf
    const theirs = element === '.' ? undefined : childOf(b, element)
    if (theirs === undefined) continue
    const common = intersection(mine, theirs)
    if (isMember(mine) && isMember(theirs)) result[element] = isEmptySet(common) ? leaf : { '.': leaf, ...common }
    else if (!isEmptySet(common)) result[element] = common
  }
  return result
}

/** Puts a whole node at a path of a set under construction. */
export function insertNode(set: MutableFieldSet, path: readonly string[], node: FieldSet): void {
  let here = set
  for (let depth = 0; depth < path.length - 1; depth++) {
    const element = path[depth] ?? ''
    const next = here[element]
    // Only nodes made here are written to; they are never shared before the set is finished.
    here = here[element] = (next ?? {}) as MutableFieldSet
  }
  here[path[path.length - 1] ?? ''] = node
}

/** The set of these paths of field names, each with everything below it. */
export function setOfPaths(paths: readonly (readonly string[])[]): FieldSet {
  const set: MutableFieldSet = {}
  for (const path of paths) {
    const node = insertedBefore(set, path)
    if (!node)
      insertNode(
        set,
        path.map(name => `f:${name}`),
        leaf,
      )
  }
  return set
}

function insertedBefore(set: FieldSet, path: readonly string[]): boolean {
  let here = set
  for (const name of path) {
    const next = childOf(here, `f:${name}`)
    if (next === undefined) return false
    if (isMember(next)) return true
    here = next
  }
  return false
}

/** Calls `visit` for each member: those of a level first, then what lies below, in the order of path elements. */
export function visitMembers(set: FieldSet, visit: (path: readonly string[]) => void, path: readonly string[] = []): void {
  const elements = Object.keys(set)
    .filter(element => element !== '.')
    .sort(compareElements)
  for (const element of elements) if (isMember(set[element] ?? leaf)) visit([...path, element])
  for (const element of elements) visitMembers(set[element] ?? leaf, visit, [...path, element])
}

const elementOrder = 'fkvi'
function compareElements(a: string, b: string): number {
  const kind = elementOrder.indexOf(a[0] ?? '') - elementOrder.indexOf(b[0] ?? '')
  return kind !== 0 ? kind : a < b ? -1 : a > b ? 1 : 0
}

/** `.spec.containers[name="web"].image`, as upstream writes paths in messages. */
export const formatPath = (path: readonly string[]): string => path.map(formatElement).join('')

function formatElement(element: string): string {
  const value = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${value}`
    case 'k': {
      const keys = Object.entries(JSON.parse(value) as Record<string, unknown>)
      return `[${keys.map(([key, part]) => `${key}=${JSON.stringify(part)}`).join(',')}]`
    }
    case 'v':
      return `[=${value}]`
    default:
      return `[${value}]`
  }
}

/** Whether a value that came from outside is a set in this form. */
export function isFieldSet(value: unknown): value is FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  for (const element in value) {
    if (element === '.') continue
    if (!/^(f:|[kv]:|i:\d+$)/.test(element)) return false
    if ((element.startsWith('k:') || element.startsWith('v:')) && !isJson(element.slice(2), element[0] === 'k')) return false
    if (!isFieldSet((value as Record<string, unknown>)[element])) return false
  }
  return true
}

function isJson(text: string, asObject: boolean): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return !asObject || (typeof value === 'object' && value !== null && !Array.isArray(value))
  } catch {
    return false
  }
}
