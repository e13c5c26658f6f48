import { badRequest, requestTooLarge, StatusError } from '../api-errors.ts'
import { cannotUnmarshal, isJsonObject, jsonEquals, setMember } from '../json-value.ts'

export interface PatchLimits {
  readonly maximumOperations: number
  /** Bound on what `copy` operations may add together, in characters of JSON. */
  readonly maximumCopiedBytes: number
}

export const defaultPatchLimits: PatchLimits = { maximumOperations: 10_000, maximumCopiedBytes: 3 * 1024 * 1024 }

/** RFC 6902, with upstream's extensions: negative indices count from the end, `test` for null passes on an absent member. */
export function applyJsonPatch(document: unknown, operations: unknown, limits: PatchLimits = defaultPatchLimits): unknown {
  const patch = readOperations(operations, limits)
  const state: Draft = { owned: new WeakSet(), root: document, copied: 0, limits }
  for (const operation of patch) applyOperation(state, operation)
  return state.root
}

type Operation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move'; readonly path: string; readonly from: string }
  | { readonly op: 'copy'; readonly path: string; readonly from: string }

/** The document while it is being patched: containers in `owned` were made here and may be written to. */
interface Draft {
  readonly owned: WeakSet<object>
  root: unknown
  copied: number
  readonly limits: PatchLimits
}

type Container = Record<string, unknown> | unknown[]

function readOperations(operations: unknown, limits: PatchLimits): readonly Operation[] {
  if (!Array.isArray(operations)) {
    throw badRequest(`error decoding patch: ${cannotUnmarshal(operations, 'value of type []interface {}')}`)
  }
  if (operations.length > limits.maximumOperations) {
    throw requestTooLarge(
      `Request entity too large: The allowed maximum operations in a JSON patch is ${limits.maximumOperations}, got ${operations.length}`,
    )
  }
  return operations.map(readOperation)
}

function readOperation(operation: unknown, index: number): Operation {
  if (!isJsonObject(operation)) throw badRequest(`error decoding patch: operation ${index} must be an object`)
  const { op, path, from } = operation
  if (typeof path !== 'string') throw rejected('', `operation ${index} has no path`)
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      // A missing value means null, as upstream's decoder has it.
      return { op, path, value: operation.value ?? null }
    case 'remove':
      return { op, path }
    case 'move':
    case 'copy':
      if (typeof from !== 'string') throw rejected(path, `${op} operation ${index} has no from`)
      return { op, path, from }
    default:
      throw rejected(path, `Unexpected kind: ${String(op)}`)
  }
}

function applyOperation(draft: Draft, operation: Operation): void {
  const { op, path } = operation
  if (op === 'add') add(draft, path, operation.value, op)
  else if (op === 'replace') replace(draft, path, operation.value)
  else if (op === 'remove') remove(draft, path, op)
  else if (op === 'test') test(draft, path, operation.value)
  else if (op === 'move') add(draft, path, remove(draft, operation.from, op), op)
  else add(draft, path, copyOf(draft, operation.from), op)
}

function add(draft: Draft, path: string, value: unknown, verb: string): void {
  const tokens = parsePointer(path)
  const last = tokens.pop()
  if (last === undefined) {
    draft.root = value
    return
  }
  const parent = writableContainer(draft, tokens, path, verb)
  if (Array.isArray(parent)) parent.splice(last === '-' ? parent.length : arrayIndex(last, parent.length, path, verb, true), 0, value)
  else setMember(parent, last, value)
}

function replace(draft: Draft, path: string, value: unknown): void {
  const tokens = parsePointer(path)
  const last = tokens.pop()
  if (last === undefined) {
    draft.root = value
    return
  }
  const parent = writableContainer(draft, tokens, path, 'replace')
  if (Array.isArray(parent)) parent[arrayIndex(last, parent.length, path, 'replace')] = value
  else if (!Object.hasOwn(parent, last))
    throw rejected(path, `replace operation does not apply: doc is missing key: ${path}: missing value`)
  else setMember(parent, last, value)
}

function remove(draft: Draft, path: string, verb: string): unknown {
  const tokens = parsePointer(path)
  const last = tokens.pop()
  if (last === undefined) throw rejected(path, `${verb} operation does not apply: the whole document can't be removed`)
  const parent = writableContainer(draft, tokens, path, verb)
  if (Array.isArray(parent)) return parent.splice(arrayIndex(last, parent.length, path, verb), 1)[0]
  if (!Object.hasOwn(parent, last))
    throw rejected(path, `${verb} operation does not apply: Unable to remove nonexistent key: ${last}: missing value`)
  const removed = parent[last]
  delete parent[last]
  return removed
}

function test(draft: Draft, path: string, expected: unknown): void {
  const actual = read(draft, path, 'test') ?? null
  if (!jsonEquals(actual, expected)) throw rejected(path, `testing path ${path} failed: test failed`)
}

/** A copy shares nothing with its source, so that later operations on one don't show in the other. */
function copyOf(draft: Draft, from: string): unknown {
  const value = read(draft, from, 'copy')
  if (value === undefined) throw rejected(from, `copy operation does not apply: doc is missing path: ${from}: missing value`)
  const text = JSON.stringify(value)
  draft.copied += text.length
  if (draft.copied > draft.limits.maximumCopiedBytes) {
    throw rejected(
      from,
      `Unable to complete the copy, the accumulated size increase of copy is ${draft.copied}, exceeding the limit ${draft.limits.maximumCopiedBytes}`,
    )
  }
  return JSON.parse(text)
}

/** The value at a pointer; undefined where its last member is missing. */
function read(draft: Draft, path: string, verb: string): unknown {
  const tokens = parsePointer(path)
  let value = draft.root
  for (const [depth, token] of tokens.entries()) {
    const last = depth === tokens.length - 1
    if (Array.isArray(value)) value = value[arrayIndex(token, value.length, path, verb)]
    else if (!isJsonObject(value)) throw missingPath(path, verb)
    else if (Object.hasOwn(value, token)) value = value[token]
    else if (last) return undefined
    else throw missingPath(path, verb)
  }
  return value
}

/** Walks to the container that `tokens` lead to and makes each one on the way writable, by copying it once. */
function writableContainer(draft: Draft, tokens: readonly string[], path: string, verb: string): Container {
  let container = ownContainer(draft, draft.root, path, verb)
  draft.root = container
  for (const token of tokens) {
    if (Array.isArray(container)) {
      const index = arrayIndex(token, container.length, path, verb)
      const child = ownContainer(draft, container[index], path, verb)
      container[index] = child
      container = child
    } else {
      if (!Object.hasOwn(container, token)) throw missingPath(path, verb)
      const child = ownContainer(draft, container[token], path, verb)
      setMember(container, token, child)
      container = child
    }
  }
  return container
}

function ownContainer(draft: Draft, value: unknown, path: string, verb: string): Container {
  if (typeof value !== 'object' || value === null) throw missingPath(path, verb)
  if (draft.owned.has(value)) return value as Container
  const copy: Container = Array.isArray(value) ? [...value] : { ...value }
  draft.owned.add(copy)
  return copy
}

function arrayIndex(token: string, length: number, path: string, verb: string, atEnd = false): number {
  if (!/^(0|-?[1-9]\d{0,9})$/.test(token)) {
    throw rejected(path, `${verb} operation does not apply: value was not a proper array index: ${JSON.stringify(token)}`)
  }
  const given = Number(token)
  const index = given < 0 ? given + length + (atEnd ? 1 : 0) : given
  if (index < 0 || index > length || (index === length && !atEnd)) {
    throw rejected(path, `${verb} operation does not apply: Unable to access invalid index: ${token}: invalid index referenced`)
  }
  return index
}

function parsePointer(path: string): string[] {
  if (path === '') return []
  if (!path.startsWith('/')) throw rejected(path, `path ${JSON.stringify(path)} must start with "/"`)
  return path
    .slice(1)
    .split('/')
    .map(token => (token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token))
}

const missingPath = (path: string, verb: string) =>
  rejected(path, `${verb} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`)

/** Upstream's answer for a patch that does not fit the document; the cause says what did not fit. */
function rejected(path: string, detail: string): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server rejected our request due to an error in our request',
    reason: 'Invalid',
    details: { causes: [{ message: detail, ...(path && { field: path }) }] },
    code: 422,
  })
}
