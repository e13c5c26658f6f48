import type { Kind, KindStorage, ServedVersion } from '../../apimachinery/kind.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../apimachinery/meta.ts'
import { formatGroupVersion } from '../../apimachinery/meta.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { Resource } from '../resources.ts'
import { type DecodedForm, decodedObject, forgetDecoded } from './decoded-objects.ts'
import { findMetadataLayout, type MetadataLayout } from './metadata-layout.ts'

/**
 * One version of one object between its bytes and everything derived from them.
 * The stored bytes are compact JSON that begins with kind, apiVersion and metadata and carries no resourceVersion,
 * so answers are made by putting a head before them. What is derived hangs on the version's memo and can be dropped at any time.
 */
interface Memo extends Form {
  labels?: Labels
  layout?: MetadataLayout
  cells?: PrintedCells
  /** Of custom kinds, one for each version that was asked for. */
  forms?: Record<string, CustomForm>
}

/** What one kind makes of a version. */
interface Form extends DecodedForm {
  fields?: SelectableFields
  /** The bytes begin as this program writes them, and say what the kind says now. */
  currentForm?: boolean
}

/** What a table shows of a version, as JSON; only ages are left open, so that it is made once. */
export interface PrintedCells {
  /** Whose columns these are: a definition that changes makes others. */
  readonly of: ServedVersion
  /** `"web","1/1","Running","0",""` */
  readonly text: string
  /** In turn where in the text a time is to be put in, and since when it counts (milliseconds since 1970). */
  readonly gaps: readonly number[]
}

interface CustomForm extends Form {
  /** Another one means that the definition has changed. */
  readonly of: KindStorage
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
    apiVersion: formatGroupVersion(kind.group, kind.storage?.version ?? kind.version),
    metadata: managedFields.length ? { ...kept, managedFields } : kept,
    ...rest,
  })
  // A buffer of its own: slices of a shared pool would keep the whole pool alive.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

/** What the registry hands to the store beside the bytes: what selectors ask for, which needs no decoding then. */
export function memoOf(kind: Kind, object: KubernetesObject): unknown {
  const labels = object.metadata.labels ?? noLabels
  const fields = readFields(kind, object)
  const { storage } = kind
  if (!storage) return { labels, fields, currentForm: true } satisfies Memo
  // What was converted on the way is read back as anybody would.
  const currentForm = storage.convert === undefined || storage.version === kind.version
  return { labels, forms: { [kind.version]: { of: storage, fields, currentForm } } } satisfies Memo
}

function memo(version: StoredVersion): Memo {
  version.memo ??= {}
  return version.memo as Memo
}

/** What this kind makes of a version; of custom kinds, as their definition is now. */
function formOf(kind: Kind, version: StoredVersion): Form {
  const own = memo(version)
  if (!kind.storage) return own
  own.forms ??= {}
  let form = own.forms[kind.version]
  if (form?.of !== kind.storage) {
    form = { of: kind.storage }
    own.forms[kind.version] = form
  }
  return form
}

export const bufferOf = (version: StoredVersion): Buffer =>
  Buffer.isBuffer(version.value) ? version.value : Buffer.from(version.value.buffer, version.value.byteOffset, version.value.byteLength)

/** True when the bytes begin as this program writes them; others (an older stored version) are decoded and written anew. */
export function hasStoredHead(resource: Resource, version: StoredVersion): boolean {
  const form = formOf(resource.kind, version)
  // Whether a custom object's bytes will do shows when they are read.
  if (form.currentForm === undefined && resource.kind.storage) readCustom(resource, version)
  form.currentForm ??= beginsAsStored(resource, version)
  return form.currentForm
}

const beginsAsStored = (resource: Resource, version: StoredVersion): boolean =>
  bufferOf(version).toString('latin1', 0, resource.storedHead.length) === resource.storedHead

export function layoutOf(resource: Resource, version: StoredVersion): MetadataLayout {
  const own = memo(version)
  own.layout ??= findMetadataLayout(bufferOf(version), resource.storedHead.length)
  return own.layout
}

export const keptCells = (version: StoredVersion): PrintedCells | undefined => (version.memo as Memo | undefined)?.cells

export function keepCells(version: StoredVersion, cells: PrintedCells): void {
  memo(version).cells = cells
}

/** The object in its stored version with its resourceVersion, without managedFields. Shared: nobody may change it. */
export function objectOf(resource: Resource, version: StoredVersion, freeze: boolean): KubernetesObject {
  const form = formOf(resource.kind, version)
  const known = decodedObject(form)
  if (known) return known
  const object = resource.kind.storage
    ? readCustom(resource, version)
    : resource.decoded.keep(form, parseStored(resource, version), version.value.length)
  if (freeze) deepFreeze(object)
  return object
}

/** The object up to the end of its metadata, for those who follow everything there is and look at nothing else. */
export function metadataOf(resource: Resource, version: StoredVersion, freeze: boolean): KubernetesObject {
  const known = decodedObject(formOf(resource.kind, version))
  if (known) return known
  if (!beginsAsStored(resource, version)) return metadataObjectOf(resource, version, freeze)
  const { end, cutStart, managedFieldsEnd } = layoutOf(resource, version)
  const bytes = bufferOf(version)
  const text =
    managedFieldsEnd === 0
      ? bytes.toString('utf8', 0, end)
      : bytes.toString('utf8', 0, cutStart) + bytes.toString('utf8', managedFieldsEnd, end)
  return withRevision(JSON.parse(`${text}}`), version)
}

/** An object of a custom kind: settled into its definition as it is now. */
function readCustom(resource: Resource, version: StoredVersion): KubernetesObject {
  const { kind } = resource
  const form = formOf(kind, version)
  const known = decodedObject(form)
  if (known) return known
  const apiVersion = formatGroupVersion(kind.group, kind.version)
  const parsed = parseStored(resource, version) as { apiVersion?: string } & KubernetesObject
  const isOther = parsed.apiVersion !== apiVersion
  if (isOther && kind.storage?.convert) throw new Error(`${version.key} was not converted to ${apiVersion} before it was read`)
  // Nobody else has it yet.
  parsed.apiVersion = apiVersion
  const object = (kind.storage as KindStorage).read(parsed)
  form.currentForm = object === parsed && beginsAsStored(resource, version)
  return resource.decoded.keep(form, object, version.value.length)
}

/** What is stored in another version and waits for its conversion; undefined where there is nothing to convert. */
export function storedUnconverted(resource: Resource, version: StoredVersion): KubernetesObject | undefined {
  const { kind } = resource
  const form = formOf(kind, version)
  if (form.currentForm || decodedObject(form)) return undefined
  const parsed = parseStored(resource, version)
  return parsed.apiVersion === formatGroupVersion(kind.group, kind.version) ? undefined : parsed
}

export function setConverted(resource: Resource, version: StoredVersion, converted: KubernetesObject): void {
  const form = formOf(resource.kind, version)
  // Kept as long as the version itself: it could not be converted again at the moment that it is wanted.
  form.object = (resource.kind.storage as KindStorage).read(converted)
  form.currentForm = false
}

/** For those who only look at metadata, in process and at once: an object in whichever version it is stored. */
export function metadataObjectOf(resource: Resource, version: StoredVersion, freeze: boolean): KubernetesObject {
  const unconverted = resource.kind.storage?.convert ? storedUnconverted(resource, version) : undefined
  return unconverted ?? objectOf(resource, version, freeze)
}

function parseStored(resource: Resource, version: StoredVersion): KubernetesObject {
  const bytes = bufferOf(version)
  const rest = beginsAsWritten(resource, version) ? textWithoutManagedFields(resource, version, bytes) : bytes.toString()
  // Fresh from the parser, so nobody else has it yet.
  const object = JSON.parse(rest) as { metadata: { managedFields?: unknown; resourceVersion?: string } }
  if (object.metadata.managedFields !== undefined) delete object.metadata.managedFields
  return withRevision(object, version)
}

/** Stored bytes have no resourceVersion: it is the version's own. */
function withRevision(object: { metadata: { resourceVersion?: string } }, { revision }: StoredVersion): KubernetesObject {
  if (revision > 0) object.metadata.resourceVersion = String(revision)
  return object as KubernetesObject
}

// For built-in kinds the answer is kept; custom ones are read once.
const beginsAsWritten = (resource: Resource, version: StoredVersion): boolean =>
  resource.kind.storage ? beginsAsStored(resource, version) : hasStoredHead(resource, version)

function textWithoutManagedFields(resource: Resource, version: StoredVersion, bytes: Buffer): string {
  const { cutStart, managedFieldsEnd } = layoutOf(resource, version)
  if (managedFieldsEnd === 0) return bytes.toString()
  return bytes.toString('utf8', 0, cutStart) + bytes.toString('utf8', managedFieldsEnd)
}

export function managedFieldsOf(resource: Resource, version: StoredVersion): readonly ManagedFieldsEntry[] {
  const bytes = bufferOf(version)
  if (!beginsAsWritten(resource, version)) return (JSON.parse(bytes.toString()) as KubernetesObject).metadata.managedFields ?? []
  const { managedFieldsStart, managedFieldsEnd } = layoutOf(resource, version)
  return managedFieldsEnd === 0 ? [] : JSON.parse(bytes.toString('utf8', managedFieldsStart, managedFieldsEnd))
}

export function labelsOf(resource: Resource, version: StoredVersion): Labels {
  return memo(version).labels ?? deriveSelectable(resource, version).labels
}

/** The values that field selectors can ask for. */
export function fieldsOf(resource: Resource, version: StoredVersion): SelectableFields {
  return formOf(resource.kind, version).fields ?? deriveSelectable(resource, version).fields
}

/** True while a selector can be answered without decoding. */
export const isSelectable = (version: StoredVersion): boolean => (version.memo as Memo | undefined)?.labels !== undefined

// After a restart: decodes once, keeps only what selectors ask for.
function deriveSelectable(resource: Resource, version: StoredVersion): { labels: Labels; fields: SelectableFields } {
  const own = memo(version)
  const form = formOf(resource.kind, version)
  const object = decodedObject(form) ?? (resource.kind.storage ? readCustom(resource, version) : parseStored(resource, version))
  own.labels = object.metadata.labels ?? noLabels
  form.fields = readFields(resource.kind, object)
  return { labels: own.labels, fields: form.fields }
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
  if (!version?.memo) return
  const own = version.memo as Memo
  forgetDecoded(own)
  own.cells = undefined
  if (own.forms) for (const form of Object.values(own.forms)) forgetDecoded(form)
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}
