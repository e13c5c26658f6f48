import { encodeProtobuf } from '../../apimachinery/codec/index.ts'
import { type KubernetesObject, ObjectMeta } from '../../apimachinery/meta.ts'
import { object as objectSchema, optional } from '../../apimachinery/schema.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { Resource } from '../resources.ts'
import { toServed } from './conversion.ts'
import type { EncodedCache } from './encoded-cache.ts'
import { bufferOf, hasStoredHead, layoutOf, managedFieldsOf, objectOf } from './stored-object.ts'

/**
 * Bodies of answers, spliced from bytes that were encoded once. A body is a head (type meta and resourceVersion, which differ
 * from answer to answer) and a tail (everything from behind metadata's opening brace, the same for all).
 */
export interface ObjectEncoder {
  /** The whole object as JSON. `revision` is the one to show: a deletion's, for an object that is gone. */
  object(resource: Resource, version: StoredVersion, revision?: number): Buffer
  /** PartialObjectMetadata as JSON. */
  metadata(resource: Resource, version: StoredVersion, revision: number, transformVersion: string): Buffer
  protobuf(resource: Resource, version: StoredVersion, revision?: number): Uint8Array
  /** PartialObjectMetadata in protobuf. */
  protobufMetadata(resource: Resource, version: StoredVersion, revision: number, transformVersion: string): Uint8Array
  /** The object in the served version with everything, managedFields included; a copy at its top levels. */
  served(resource: Resource, version: StoredVersion, revision?: number): KubernetesObject
  /** The tail of the object's JSON. */
  writeTail(out: BytesSink, resource: Resource, version: StoredVersion): void
  /** The tail of metadata alone: from behind its opening brace up to and with its closing one. */
  writeMetadataTail(out: BytesSink, resource: Resource, version: StoredVersion): void
}

/** Takes a range of bytes, so that copying some out of a body makes no object for each. */
export interface BytesSink {
  bytes(source: Buffer, start: number, end: number): void
}

/** What of an object PartialObjectMetadata has in protobuf. */
export const metadataOnly = objectSchema('', '', { metadata: optional(1, ObjectMeta, '') })

const metadataHead = '"metadata":{'

export function createObjectEncoder(cache: EncodedCache, freeze: boolean): ObjectEncoder {
  const served = (resource: Resource, version: StoredVersion, revision = version.revision): KubernetesObject => {
    const object = toServed(resource, objectOf(resource, version, freeze))
    const managedFields = managedFieldsOf(resource, version)
    const { resourceVersion: _resourceVersion, ...metadata } = object.metadata
    return {
      ...object,
      metadata: {
        ...metadata,
        ...(revision > 0 && { resourceVersion: String(revision) }),
        ...(managedFields.length > 0 && { managedFields }),
      },
    }
  }

  const convertedTail = (resource: Resource, version: StoredVersion): Buffer => {
    const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = served(resource, version, 0)
    const text = JSON.stringify({ metadata, ...rest })
    return Buffer.from(text.slice(metadataHead.length + 1))
  }

  const tail = (resource: Resource, version: StoredVersion): Buffer =>
    resource.servesStored && hasStoredHead(resource, version)
      ? bufferOf(version).subarray(resource.storedHead.length)
      : cache.get(version, resource.apiVersion, () => convertedTail(resource, version))

  return {
    served,
    writeTail(out, resource, version) {
      if (!(resource.servesStored && hasStoredHead(resource, version))) {
        const bytes = tail(resource, version)
        return out.bytes(bytes, 0, bytes.length)
      }
      const bytes = bufferOf(version)
      out.bytes(bytes, resource.storedHead.length, bytes.length)
    },
    writeMetadataTail(out, resource, version) {
      if (hasStoredHead(resource, version)) {
        return out.bytes(bufferOf(version), resource.storedHead.length, layoutOf(resource, version).end)
      }
      const bytes = metadataTail(resource, version, tail)
      out.bytes(bytes, 0, bytes.length)
    },
    object: (resource, version, revision = version.revision) =>
      splice(
        `{"kind":"${resource.kind.kind}","apiVersion":"${resource.apiVersion}",${metadataHead}${revisionMember(revision)}`,
        tail(resource, version),
      ),
    metadata(resource, version, revision, transformVersion) {
      const head = `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${transformVersion}",${metadataHead}${revisionMember(revision)}`
      return splice(head, metadataTail(resource, version, tail), '}')
    },
    protobuf(resource, version, revision = version.revision) {
      return encodeProtobuf(resource.served.schema, served(resource, version, revision), resource.apiVersion, resource.kind.kind)
    },
    protobufMetadata(resource, version, revision, transformVersion) {
      const object = served(resource, version, revision)
      return encodeProtobuf(metadataOnly, object, `meta.k8s.io/${transformVersion}`, 'PartialObjectMetadata')
    },
  }
}

export const revisionMember = (revision: number): string => (revision > 0 ? `"resourceVersion":"${revision}",` : '')

/** The bytes of metadata from behind its opening brace up to and with its closing one. */
function metadataTail(resource: Resource, version: StoredVersion, tail: (resource: Resource, version: StoredVersion) => Buffer): Buffer {
  if (hasStoredHead(resource, version)) {
    return bufferOf(version).subarray(resource.storedHead.length, layoutOf(resource, version).end)
  }
  // Written by an older version of this program: rare, and rewritten with the next change of the object.
  const { metadata } = JSON.parse(`{${metadataHead}${tail(resource, version).toString()}`) as KubernetesObject
  return Buffer.from(JSON.stringify(metadata).slice(1))
}

function splice(head: string, tail: Buffer, end = ''): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + tail.length + end.length)
  bytes.write(head, 0, 'latin1')
  tail.copy(bytes, head.length)
  if (end) bytes.write(end, head.length + tail.length, 'latin1')
  return bytes
}
