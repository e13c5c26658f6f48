import type { Kind, ServedVersion, Subresource, Verb } from '../kind.ts'
import type { ObjectNode } from '../schema.ts'
import type { GroupVersionKind } from './document.ts'

/** A kind as one of its groups and versions shows it. */
export interface ServedKind extends GroupVersionKind {
  readonly resource: string
  readonly namespaced: boolean
  readonly schema: ObjectNode
  readonly verbs: readonly Verb[]
  /** Came from a CustomResourceDefinition. */
  readonly custom: boolean
  readonly answersDeletionWithObject: boolean
  /** The definition's name, `io.k8s.api.core.v1.Pod`. */
  readonly definition: string
  readonly listDefinition: string
  readonly listKind: string
  readonly subresources: readonly ServedSubresource[]
}

export interface ServedSubresource extends GroupVersionKind {
  readonly name: string
  readonly verbs: readonly Verb[]
  readonly schema: ObjectNode
  readonly definition: string
  /** Streams such as exec: connected to, neither read nor written. */
  readonly stream: boolean
  /** Everything is handed on: each method, and each path below. */
  readonly whole: boolean
}

export const servedKinds = (kinds: readonly Kind[]): ServedKind[] => kinds.flatMap(kind => kind.served.map(version => serve(kind, version)))

function serve(kind: Kind, served: ServedVersion): ServedKind {
  const { group, version, schema } = served
  const definition = definitionName(schema, { group, version, kind: kind.kind })
  return {
    group,
    version,
    kind: kind.kind,
    resource: kind.resource,
    namespaced: kind.scope === 'Namespaced',
    schema,
    verbs: kind.verbs,
    custom: kind.custom === true,
    answersDeletionWithObject: kind.answersDeletionWithObject === true,
    listKind: kind.listKind ?? `${kind.kind}List`,
    definition,
    listDefinition: kind.listKind ? `${definition.slice(0, definition.lastIndexOf('.'))}.${kind.listKind}` : `${definition}List`,
    subresources: Object.entries(kind.subresources).map(([name, subresource]) =>
      serveSubresource(name, subresource, served, kind, definition),
    ),
  }
}

function serveSubresource(name: string, subresource: Subresource, served: ServedVersion, kind: Kind, own: string): ServedSubresource {
  const { group = served.group, version = served.version, schema } = subresource
  const kindName = subresource.kind || kind.kind
  return {
    name,
    group,
    version,
    kind: kindName,
    verbs: subresource.verbs,
    schema: schema ?? served.schema,
    definition: schema ? definitionName(schema, { group, version, kind: kindName }) : own,
    stream: kindName.endsWith('Options'),
    whole: subresource.action.type === 'handler' && subresource.action.whole === true,
  }
}

/** Types of custom resources are named after their group, reversed: `com.example.v1.Widget`. */
function definitionName(schema: ObjectNode, { group, version, kind }: GroupVersionKind): string {
  return schema.name ?? [...group.split('.').reverse(), version, kind].join('.')
}
