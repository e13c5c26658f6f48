import type { FieldError } from '../apimachinery/field-error.ts'
import type { Subresource, Verb } from '../apimachinery/kind.ts'
import type { KubernetesObject, ObjectMeta } from '../apimachinery/meta.ts'
import { semanticEqual } from './core/sharing.ts'

/** What the strategies of many kinds have in common. */

/** The verbs of `status` and `scale`. */
export const readAndWriteVerbs: readonly Verb[] = ['get', 'patch', 'update']

type WithSpec = KubernetesObject & { readonly spec?: unknown }
type WithStatus = WithSpec & { readonly status?: unknown }

export const withGeneration = <T extends KubernetesObject>(object: T, generation: number): T =>
  object.metadata.generation === generation ? object : { ...object, metadata: { ...object.metadata, generation } }

/** The generation counts changes of what the user asks for; it is never the client's to choose. */
export function countGeneration<T extends WithSpec>(object: T, old: T, changed = !semanticEqual(object.spec, old.spec)): T {
  const previous = old.metadata.generation ?? 0
  return withGeneration(object, changed ? previous + 1 : previous)
}

/** The main resource never writes status. */
export const keepStatus = <T extends WithStatus>(object: T, old: T): T => ({ ...object, status: old.status })

/** A `proxy` subresource: requests go to what answers there, whatever they are. */
export const proxySubresource = (kind: string, handler: string): Subresource => ({
  group: '',
  version: 'v1',
  kind,
  verbs: ['create', 'delete', 'get', 'patch', 'update'],
  action: { type: 'handler', handler, whole: true },
})

/** A `status` subresource that takes everything but the spec. */
export const statusSubresource = <T extends WithSpec>(
  kind: string,
  validate?: (object: T, old: T) => FieldError[],
  prepare: (object: T, old: T, now: number) => T = (object, old) => ({ ...object, spec: old.spec }),
): Subresource => ({ kind, verbs: readAndWriteVerbs, action: { type: 'fields', prepare, validate } })

/** For `status` subresources that leave also labels, annotations, finalizers and owners alone. */
export function keepMetadata<T extends WithSpec>(object: T, old: T): T {
  const { labels, annotations, finalizers, ownerReferences } = old.metadata
  const kept: Partial<ObjectMeta> = {
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(finalizers && { finalizers }),
    ...(ownerReferences && { ownerReferences }),
  }
  const { labels: _labels, annotations: _annotations, finalizers: _finalizers, ownerReferences: _owners, ...own } = object.metadata
  return { ...object, spec: old.spec, metadata: { ...own, ...kept } }
}
