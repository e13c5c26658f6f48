import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellAt } from '../../apimachinery/cell.ts'
import { applySchemaDefaults, decode } from '../../apimachinery/codec/index.ts'
import { formatFieldError } from '../../apimachinery/field-error.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { RequestContext } from '../../apimachinery/request.ts'

/** Tables of cases about one kind: what defaults fill in, what is refused on create, what may not change. */

export const context: RequestContext = {
  user: { name: 'tester', groups: [] },
  signal: new AbortController().signal,
  auditId: 'audit',
  userAgent: 'test',
  attributes: {
    verb: 'create',
    path: '/',
    isResourceRequest: true,
    group: '',
    version: 'v1',
    resource: '',
    subresource: '',
    namespace: 'default',
    name: '',
  },
  dryRun: false,
  warn: () => undefined,
  annotate: () => undefined,
}

/** A change of an object: merged into it, `null` removes, a list replaces. */
export type Change = Readonly<Record<string, unknown>>

/** [what it is about, the change, the errors as `field: message`] */
export type Case = readonly [name: string, change: Change, ...errors: string[]]

export interface KindCases<T extends KubernetesObject> {
  readonly kind: Kind<T>
  /** A valid object as a client would write it. */
  readonly valid: Change
}

export function change(object: unknown, by: unknown): unknown {
  if (by === null || typeof by !== 'object' || Array.isArray(by)) return by
  const result: Record<string, unknown> = { ...(typeof object === 'object' && !Array.isArray(object) ? object : {}) }
  for (const [key, value] of Object.entries(by)) {
    if (value === null) delete result[key]
    else result[key] = change(result[key], value)
  }
  return result
}

/** Decodes and fills in defaults, as the API server does with a body. */
export function defaulted<T extends KubernetesObject>(kind: Kind<T>, value: unknown): T {
  const decoded = decode(kind.schema, value, path => assert.fail(`unknown field ${path}`)) as T
  const object = applySchemaDefaults(kind.schema, decoded)
  return freeze(kind.strategy.applyDefaults?.(freeze(object)) ?? object)
}

export function created<T extends KubernetesObject>(kind: Kind<T>, value: unknown): T {
  const object = defaulted(kind, value)
  return freeze(kind.strategy.prepareForCreate?.(object, context) ?? object)
}

export function updated<T extends KubernetesObject>(kind: Kind<T>, value: unknown, old: T): T {
  const object = defaulted(kind, value)
  return freeze(kind.strategy.prepareForUpdate?.(object, old, context) ?? object)
}

export function createCases<T extends KubernetesObject>({ kind, valid }: KindCases<T>, cases: readonly Case[]): void {
  test(`${kind.kind}: a valid object is accepted`, () => {
    assert.deepEqual(kind.strategy.validate(created(kind, valid)).map(formatFieldError), [])
  })
  for (const [name, by, ...errors] of cases) {
    test(`${kind.kind}: create: ${name}`, () => {
      const object = created(kind, change(valid, by))
      const found = [...kind.strategy.validate(object), ...(kind.strategy.validateCreate?.(object) ?? [])]
      assert.deepEqual(found.map(formatFieldError), errors)
    })
  }
}

/** Each case changes the object as it was created from `valid`. */
export function updateCases<T extends KubernetesObject>({ kind, valid }: KindCases<T>, cases: readonly Case[]): void {
  for (const [name, by, ...errors] of cases) {
    test(`${kind.kind}: update: ${name}`, () => {
      const old = created(kind, valid)
      const object = updated(kind, change(old, by), old)
      const { strategy } = kind
      const found = [...(strategy.ratchets ? [] : strategy.validate(object)), ...(strategy.validateUpdate?.(object, old) ?? [])]
      assert.deepEqual(found.map(formatFieldError), errors)
    })
  }
}

/** Writes to `status`: the errors of the subresource's own validation. */
export function statusCases<T extends KubernetesObject>({ kind, valid }: KindCases<T>, cases: readonly Case[]): void {
  const action = kind.subresources.status?.action
  if (action?.type !== 'fields') throw new Error(`${kind.kind} has no status`)
  for (const [name, by, ...errors] of cases) {
    test(`${kind.kind}: status: ${name}`, () => {
      const old = created(kind, valid)
      const object = action.prepare(defaulted(kind, change(old, by)) as never, old as never, Date.parse('2026-01-01T01:00:00Z'))
      assert.deepEqual((action.validate?.(object as never, old as never) ?? []).map(formatFieldError), errors)
    })
  }
}

/** The value at a path such as `spec.ports.0.protocol`. */
export const at = (object: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object)

/** [what was written, the path of what is filled in, its value] */
export function defaultCases<T extends KubernetesObject>(
  { kind, valid }: KindCases<T>,
  cases: readonly (readonly [written: Change, path: string, value: unknown])[],
): void {
  for (const [written, path, value] of cases) {
    test(`${kind.kind}: default of ${path} with ${JSON.stringify(written)}`, () => {
      const object = defaulted(kind, change(valid, written))
      assert.deepEqual(at(object, path), value)
      assert.equal(kind.strategy.applyDefaults?.(object) ?? object, object, 'defaults change nothing twice')
    })
  }
}

/** The cells of a row, without the age. */
export const cells = <T extends KubernetesObject>(
  kind: Kind<T>,
  object: unknown,
  now: number = Date.parse('2026-01-01T01:00:00Z'),
): unknown[] => (kind.served[0]?.columns ?? []).map(column => cellAt(column.cell(object as never), now))

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const one of Object.values(value)) freeze(one)
  }
  return value
}
