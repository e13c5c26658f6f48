import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../apimachinery/meta.ts'
import { formatGroupVersion } from '../../apimachinery/meta.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { Resource } from '../resources.ts'
import { findMetadataLayout, type MetadataLayout } from './metadata-layout.ts'

/**
 * One version of one object between its bytes and everything derived from them.
 * The stored bytes are compact JSON that begins with kind, apiVersion and metadata and carries no resourceVersion,
 * so answers are made by putting a head before them. What is derived hangs on the version's memo and can be dropped at any time.
 */
interface Memo {
  labels?: Labels
  fields?: SelectableFields
  object?: KubernetesObject
  layout?: MetadataLayout
  /** The bytes begin as this program writes them. */
  currentForm?: boolean
}

export type Labels = Readonly<Record<string, string>>
export type SelectableFields = Readonly<Record<string, string>>

const noLabels: Labels = {}

/** The bytes to store. managedFields come last in metadata, where they are cheap to leave out. */
export function encodeStored(kind: Kind, object: KubernetesObject, managedFields: readonly ManagedFieldsEntry[]): Buffer {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object
  const { managedFields: _managedFields, resourceVersion: _resourceVersion, ...kept } = metadata
  const text = JSON.stringify({
    kind: kind.kind,
    apiVersion: formatGroupVersion(kind.group, kind.version),
    metadata: managedFields.length ? { ...kept, managedFields } : kept,
    ...rest,
  })
  // A buffer of its own: slices of a shared pool would keep the whole pool alive.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

/** What the registry hands to the store beside the bytes: what selectors ask for, which needs no decoding then. */
export const memoOf = (kind: Kind, object: KubernetesObject): unknown =>
  ({ labels: object.metadata.labels ?? noLabels, fields: readFields(kind, object), currentForm: true }) satisfies Memo

function memo(version: StoredVersion): Memo {
  version.memo ??= {}
  return version.memo as Memo
}

export const bufferOf = (version: StoredVersion): Buffer =>
  Buffer.isBuffer(version.value) ? version.value : Buffer.from(version.value.buffer, version.value.byteOffset, version.value.byteLength)

/** True when the bytes begin as this program writes them; others (an older stored version) are decoded and written anew. */
export function hasStoredHead(resource: Resource, version: StoredVersion): boolean {
  const own = memo(version)
  own.currentForm ??= bufferOf(version).toString('latin1', 0, resource.storedHead.length) === resource.storedHead
  return own.currentForm
}

export function layoutOf(resource: Resource, version: StoredVersion): MetadataLayout {
  const own = memo(version)
  own.layout ??= findMetadataLayout(bufferOf(version), resource.storedHead.length)
  return own.layout
}

/** The object in its stored version with its resourceVersion, without managedFields. Shared: nobody may change it. */
export function objectOf(resource: Resource, version: StoredVersion, freeze: boolean): KubernetesObject {
  const own = memo(version)
  if (!own.object) {
    own.object = parseStored(resource, version)
    if (freeze) deepFreeze(own.object)
  }
  return own.object
}

function parseStored(resource: Resource, version: StoredVersion): KubernetesObject {
  const bytes = bufferOf(version)
  const rest = hasStoredHead(resource, version) ? textWithoutManagedFields(resource, version, bytes) : bytes.toString()
  // Fresh from the parser, so nobody else has it yet.
  const object = JSON.parse(rest) as { metadata: { managedFields?: unknown; resourceVersion?: string } }
  if (object.metadata.managedFields !== undefined) delete object.metadata.managedFields
  if (version.revision > 0) object.metadata.resourceVersion = String(version.revision)
  return object as KubernetesObject
}

function textWithoutManagedFields(resource: Resource, version: StoredVersion, bytes: Buffer): string {
  const { cutStart, managedFieldsEnd } = layoutOf(resource, version)
  if (managedFieldsEnd === 0) return bytes.toString()
  return bytes.toString('utf8', 0, cutStart) + bytes.toString('utf8', managedFieldsEnd)
}

export function managedFieldsOf(resource: Resource, version: StoredVersion): readonly ManagedFieldsEntry[] {
  const bytes = bufferOf(version)
  if (!hasStoredHead(resource, version)) return (JSON.parse(bytes.toString()) as KubernetesObject).metadata.managedFields ?? []
  const { managedFieldsStart, managedFieldsEnd } = layoutOf(resource, version)
  return managedFieldsEnd === 0 ? [] : JSON.parse(bytes.toString('utf8', managedFieldsStart, managedFieldsEnd))
}

export function labelsOf(resource: Resource, version: StoredVersion): Labels {
  return memo(version).labels ?? deriveSelectable(resource, version).labels
}

/** The values that field selectors can ask for. */
export function fieldsOf(resource: Resource, version: StoredVersion): SelectableFields {
  return memo(version).fields ?? deriveSelectable(resource, version).fields
}

/** True while a selector can be answered without decoding. */
export const isSelectable = (version: StoredVersion): boolean => (version.memo as Memo | undefined)?.labels !== undefined

// After a restart: decodes once, keeps only what selectors ask for.
function deriveSelectable(resource: Resource, version: StoredVersion): { labels: Labels; fields: SelectableFields } {
  const own = memo(version)
  const object = own.object ?? parseStored(resource, version)
  own.labels = object.metadata.labels ?? noLabels
  own.fields = readFields(resource.kind, object)
  return { labels: own.labels, fields: own.fields }
}

function readFields(kind: Kind, object: KubernetesObject): SelectableFields {
  const fields: Record<string, string> = {
    'metadata.name': object.metadata.name ?? '',
    'metadata.namespace': object.metadata.namespace ?? '',
  }
  for (const [path, read] of Object.entries(kind.selectableFields)) fields[path] = read(object)
  return fields
}

/** Forgets the decoded form of a version that is history now; readers that hold it keep it. */
export function releaseDecoded(version: StoredVersion | undefined): void {
  if (version?.memo) (version.memo as Memo).object = undefined
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}
