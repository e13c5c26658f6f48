import { badRequest, type StatusError } from '../api-errors.ts'
import { isJsonObject } from '../json-value.ts'
import type { KubernetesObject } from '../meta.ts'
import { parseGroupVersion } from '../meta.ts'
import { type ListNode, resolveSchema, type Schema } from '../schema.ts'
import { type FieldSet, formatPath } from './field-set.ts'
import { isAssociative, listElement, missingKey } from './list-element.ts'

/** Refuses a configuration with fields that the schema doesn't have, or items that can't be told apart: missing keys, the same item twice. */
export function checkConfiguration(schema: Schema, applied: KubernetesObject): void {
  const check: Check = { path: [], problems: [] }
  checkValue(check, schema, applied)
  if (check.problems.length) throw untyped(applied, check.problems)
}

interface Check {
  readonly path: string[]
  readonly problems: string[]
}

function checkValue(check: Check, schema: Schema, value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  const node = resolveSchema(schema)
  if (node.type === 'list') {
    if (isAssociative(node) && Array.isArray(value)) checkItems(check, node, value)
    return
  }
  if ((node.type !== 'object' && node.type !== 'map') || node.mapType === 'atomic' || !isJsonObject(value)) return
  for (const key in value) {
    check.path.push(`f:${key}`)
    const member = node.type === 'map' ? node.values : Object.hasOwn(node.fields, key) ? node.fields[key]?.schema : undefined
    if (member) checkValue(check, member, value[key])
    else if (node.type !== 'object' || !node.preserveUnknown) check.problems.push(`${formatPath(check.path)}: field not declared in schema`)
    check.path.pop()
  }
}

function checkItems(check: Check, node: ListNode, items: readonly unknown[]): void {
  const problem = (text: string) => check.problems.push(`${formatPath(check.path)}: ${text}`)
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const key = missingKey(node, item)
    if (key !== undefined) {
      const omits = `associative list with keys has an element that omits key field ${JSON.stringify(key)} (and doesn't have default value)`
      problem(`element ${index}: ${omits}`)
      continue
    }
    const element = listElement(node, item)
    if (seen.has(element)) problem(`duplicate entries for key ${formatPath([element])}`)
    seen.add(element)
    check.path.push(element)
    checkValue(check, node.items, item)
    check.path.pop()
  }
}

function untyped(applied: KubernetesObject, problems: readonly string[]): StatusError {
  const { group, version } = parseGroupVersion(applied.apiVersion ?? '')
  const kind = `${group}/${version}, Kind=${applied.kind ?? ''}`
  const about = `${applied.metadata.namespace ?? ''}/${applied.metadata.name ?? ''}; ${kind}`
  const text = problems.length === 1 ? problems[0] : `errors:\n${problems.map(problem => `  ${problem}`).join('\n')}`
  return badRequest(`failed to create typed patch object (${about}): ${text}`)
}

/** Takes the fields at these paths out of a configuration. */
export function withoutPaths<T>(value: T, paths: FieldSet): T {
  if (!isJsonObject(value)) return value
  let result: Record<string, unknown> | undefined
  for (const element in paths) {
    const key = element.slice(2)
    const below = paths[element] ?? {}
    if (!Object.hasOwn(value, key)) continue
    const left = Object.keys(below).length === 0 ? undefined : withoutPaths(value[key], below)
    if (left === value[key]) continue
    result ??= { ...value }
    if (left === undefined) delete result[key]
    else result[key] = left
  }
  return (result as T | undefined) ?? value
}
