import { badRequest } from '../../../apimachinery/api-errors.ts'
import { applySchemaDefaults, decode } from '../../../apimachinery/codec/index.ts'
import type { Kind, ServedVersion } from '../../../apimachinery/kind.ts'
import { formatGroupVersion, type KubernetesObject } from '../../../apimachinery/meta.ts'
import type { Schema } from '../../../apimachinery/schema.ts'
import type { AdmissionRequest } from '../../types.ts'
import { isSameResource } from '../rule-matcher.ts'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** How the objects of a request look to who is asked about them, in the version that they want. */
export interface Form {
  readonly kind: GroupVersionKind
  readonly show: (object: KubernetesObject) => KubernetesObject | Promise<KubernetesObject>
  /** From a changed document back to the object that the request goes on with. */
  readonly accept: (document: unknown, object: KubernetesObject) => KubernetesObject | Promise<KubernetesObject>
}

export function formOf(request: AdmissionRequest, served: ServedVersion): Form {
  const { kind, subresource, operation } = request
  const definition = subresource ? kind.subresources[subresource] : undefined
  if (definition?.action.type === 'view') {
    const { action, schema } = definition
    const own = ownKind(request, served)
    return {
      kind: own,
      show: object => withType(action.read(object as never), own),
      accept: (document, object) => action.write(object as never, decodeAs(schema ?? kind.schema, document, own) as never),
    }
  }
  if (definition?.action.type === 'handler' && definition.kind !== kind.kind) {
    const own = ownKind(request, served)
    const { schema } = definition
    return {
      kind: own,
      show: object => withType(object, own),
      accept: document =>
        schema && operation !== 'CONNECT' ? decodeAs(schema, document, own) : withType(document as KubernetesObject, own),
    }
  }
  const other = kind.custom && !kind.served.includes(served) ? request.objects.kinds().find(one => isSibling(one, kind, served)) : undefined
  return other ? formOfSibling(kind, other) : formOfKind(request, served)
}

const isSibling = (one: Kind, kind: Kind, served: ServedVersion): boolean => isSameResource(one, kind) && one.served.includes(served)

/** The kind of what is written to a subresource, which may have a group of its own. */
export function ownKind({ kind, subresource }: AdmissionRequest, { group, version }: ServedVersion): GroupVersionKind {
  const definition = subresource ? kind.subresources[subresource] : undefined
  if (!definition) return { group, version, kind: kind.kind }
  if (definition.version === undefined) return { group, version, kind: definition.kind }
  return { group: definition.group ?? '', version: definition.version, kind: definition.kind }
}

function formOfKind({ kind }: AdmissionRequest, served: ServedVersion): Form {
  const own = { group: served.group, version: served.version, kind: kind.kind }
  const stored = { group: kind.group, version: kind.version, kind: kind.kind }
  return {
    kind: own,
    show: async object => withType(served.fromStored ? await served.fromStored(object) : object, own),
    async accept(document, object) {
      const decoded = decodeAs(served.schema as Schema<KubernetesObject>, document, own)
      checkNamespace(decoded, object)
      const converted = withType(served.toStored ? await served.toStored(decoded) : decoded, stored)
      return kind.strategy.applyDefaults?.(converted) ?? converted
    },
  }
}

/** Another version of a custom resource: converted, pruned and completed by its schema, and the same on the way back. */
function formOfSibling(kind: Kind, other: Kind): Form {
  const become = async (object: KubernetesObject, from: Kind, to: Kind): Promise<KubernetesObject> => {
    const own = { group: to.group, version: to.version, kind: to.kind }
    const [converted] = (await from.storage?.convert?.([object], formatGroupVersion(to.group, to.version))) ?? [object]
    return decodeAs(to.schema as Schema<KubernetesObject>, converted, own)
  }
  return {
    kind: { group: other.group, version: other.version, kind: other.kind },
    show: object => become(object, kind, other),
    async accept(document, object) {
      const decoded = decodeAs(other.schema as Schema<KubernetesObject>, document, {
        group: other.group,
        version: other.version,
        kind: other.kind,
      })
      checkNamespace(decoded, object)
      return become(decoded, other, kind)
    },
  }
}

function checkNamespace(changed: KubernetesObject, { metadata }: KubernetesObject): void {
  if (changed.metadata.namespace === metadata.namespace) return
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

// Fields that the schema does not have are dropped, as upstream's decoder drops them here.
function decodeAs(schema: Schema, document: unknown, kind: GroupVersionKind): KubernetesObject {
  const object = applySchemaDefaults(schema as Schema<KubernetesObject>, decode(schema as Schema<KubernetesObject>, document))
  return withType(object, kind)
}

const withType = (object: KubernetesObject, { group, version, kind }: GroupVersionKind): KubernetesObject => ({
  ...object,
  apiVersion: formatGroupVersion(group, version),
  kind,
  metadata: object.metadata ?? {},
})
