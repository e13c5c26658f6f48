import { applySchemaDefaults, decode } from '../../apimachinery/codec/index.ts'
import { type FieldError, formatFieldError } from '../../apimachinery/field-error.ts'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { preparePodForCreate } from './pod/prepare.ts'
import { type Pod, podKind } from './pod.ts'

/** A change of a manifest: paths as in errors (`spec.containers[0].image`), each with its value. */
export type Change = Readonly<Record<string, unknown>>

export const podManifest = (change: Change = {}): unknown =>
  changed({ metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'app', image: 'registry/app:1' }] } }, change)

/** A pod as it comes in: decoded and with its defaults. */
export const decodePod = (change: Change = {}): Pod => decodeObject(podKind, podManifest(change))

/** A pod as it is when it has been created. */
export const createPod = (change: Change = {}): Pod => preparePodForCreate(decodePod(change))

export function decodeObject<T extends KubernetesObject>(kind: Kind<T>, manifest: unknown): T {
  const object = applySchemaDefaults(kind.schema, decode(kind.schema, manifest))
  return kind.strategy.applyDefaults?.(object as T) ?? (object as T)
}

export const texts = (errors: readonly FieldError[]): string[] => errors.map(formatFieldError)

/** A copy of `value` with the change; parts of a path that are missing are made, and `undefined` removes. */
export function changed<T>(value: T, change: Change): T {
  const copy = structuredClone(value)
  for (const [path, item] of Object.entries(change)) {
    const keys = path.split(/[.[\]]+/).filter(Boolean)
    const last = keys.pop() as string
    let owner = copy as Record<string, unknown>
    for (const [index, key] of keys.entries()) {
      owner[key] ??= /^\d+$/.test(keys[index + 1] ?? last) ? [] : {}
      owner = owner[key] as Record<string, unknown>
    }
    if (item === undefined) delete owner[last]
    else owner[last] = item
  }
  return copy
}

/** The value at a path. */
export const at = (value: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .reduce((owner, key) => (owner as Record<string, unknown> | undefined)?.[key], value)
