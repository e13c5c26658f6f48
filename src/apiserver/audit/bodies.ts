import { decodeProtobufMessage } from '../../apimachinery/codec/index.ts'
import { isJsonObject } from '../../apimachinery/json-value.ts'
import type { DeleteOptions, KubernetesObject } from '../../apimachinery/meta.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { Outcome } from '../operations/operation.ts'
import type { ObjectEncoder } from '../registry/encode.ts'
import { type RequestBody, subresourceTarget } from '../request/body.ts'
import type { Resource } from '../resources.ts'
import type { AuditRecord, ObjectFacts } from './audit.ts'

/** Notes the body of a write as it came; protobuf becomes the same object as JSON. */
export function recordBody(record: AuditRecord, body: RequestBody, resource: Resource, subresource: string): void {
  const { protobuf } = body
  const target = protobuf && subresourceTarget(resource, subresource, 'Ignore', () => undefined)
  const value =
    protobuf && target
      ? { ...decodeMessage(target.schema, protobuf.raw), kind: protobuf.kind, apiVersion: protobuf.apiVersion }
      : body.value
  record.requestObject(factsOf(value), () => JSON.stringify(value) ?? 'null')
}

const decodeMessage = (schema: Parameters<typeof decodeProtobufMessage>[0], raw: Uint8Array) =>
  decodeProtobufMessage(schema, raw) as Partial<KubernetesObject>

/** Patches in the form of a list say nothing of the object. */
function factsOf(value: unknown): ObjectFacts | undefined {
  if (!isJsonObject(value) || !isJsonObject(value.metadata)) return undefined
  const { namespace, name, uid, resourceVersion } = value.metadata
  return { namespace: textOf(namespace), name: textOf(name), uid: textOf(uid), resourceVersion: textOf(resourceVersion) }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

export function recordDeleteOptions(record: AuditRecord, options: DeleteOptions): void {
  if (Object.values(options).every(value => value === undefined)) return
  record.requestObject(undefined, () => JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...options }))
}

/** Notes what the answer says; objects are written down only where the policy wants them. */
export function recordOutcome(record: AuditRecord, encoder: ObjectEncoder, outcome: Outcome): void {
  switch (outcome.type) {
    case 'version': {
      const { resource, version } = outcome
      return record.responseObject(() => objectText(record, encoder, resource, version))
    }
    case 'list': {
      const { resource, list } = outcome
      return record.responseObject(() => {
        const items = list.versions.map(version => objectText(record, encoder, resource, version))
        const metadata = JSON.stringify({ resourceVersion: String(list.revision), continue: list.continue })
        return `{"kind":"${resource.kind.kind}List","apiVersion":"${resource.apiVersion}","metadata":${metadata},"items":[${items.join(',')}]}`
      })
    }
    case 'object':
      return record.responseObject(() => JSON.stringify(outcome.object))
    case 'status':
      record.status(outcome.status)
      return record.responseObject(() => JSON.stringify(outcome.status))
    case 'answer':
      return
  }
}

function objectText(record: AuditRecord, encoder: ObjectEncoder, resource: Resource, version: StoredVersion): string {
  if (!record.omitManagedFields) return encoder.object(resource, version).toString()
  const object = encoder.served(resource, version)
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return JSON.stringify({ ...object, apiVersion: resource.apiVersion, kind: resource.kind.kind, metadata })
}
