import { badRequest, invalid, requestTooLarge, StatusError, unsupportedMediaType } from '../../apimachinery/api-errors.ts'
import {
  applySchemaDefaults,
  DecodeError,
  decode,
  decodeProtobufEnvelope,
  decodeProtobufMessage,
  parseJson,
} from '../../apimachinery/codec/index.ts'
import { DeleteOptions, formatGroupVersion, type KubernetesObject, parseGroupVersion } from '../../apimachinery/meta.ts'
import type { ObjectNode, Schema } from '../../apimachinery/schema.ts'
import { limits } from '../limits.ts'
import { toStored } from '../registry/conversion.ts'
import type { Resource } from '../resources.ts'
import { contentTypeOf, mediaTypes, supportedMediaTypes } from './negotiation.ts'
import { describeProblems, type Repetition, type StrictProblems, strictProblems } from './strict-problems.ts'
import { noTypeMeta, typeMetaProblem, unrecognized } from './unrecognized.ts'

/** A request's body as values: not yet checked against any schema. */
export interface RequestBody {
  readonly value: unknown
  /** Keys that stand twice. */
  readonly duplicates: readonly Repetition[]
  /** What of the values is not kept as it was sent, for people. */
  readonly losses?: readonly string[]
  /** Set for protobuf, whose bytes only a schema can read. */
  readonly protobuf?: { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array }
}

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export const yamlTypes: ReadonlySet<string> = new Set([mediaTypes.yaml, 'application/x-yaml', 'text/yaml'])

/** Reads the bytes as their Content-Type says, if that is not YAML. */
export function parseBody(bytes: Uint8Array, contentType: string | undefined, findDuplicates: boolean, kind: string): RequestBody {
  const type = contentTypeOf(contentType)
  try {
    switch (type) {
      case '':
      case mediaTypes.json:
        return withTypeMetaOf(parseJsonBody(bytes, findDuplicates), kind, bytes)
      case mediaTypes.protobuf:
        return { value: undefined, duplicates: [], protobuf: decodeProtobufEnvelope(bytes) }
      default:
        throw unsupportedMediaType(supportedMediaTypes)
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw unrecognized(kind, type === mediaTypes.protobuf ? error.message : noTypeMeta(error.message), bytes)
  }
}

/** Refuses what can't be an object of any kind; nothing at all counts as an object without fields. */
export function withTypeMetaOf(body: RequestBody, kind: string, bytes: Uint8Array): RequestBody {
  const problem = typeMetaProblem(body.value)
  if (problem !== undefined) throw unrecognized(kind, problem, bytes)
  return body.value === null ? { ...body, value: {} } : body
}

export function parseJsonBody(bytes: Uint8Array, findDuplicates: boolean): RequestBody {
  const duplicates: Repetition[] = []
  const onDuplicate = findDuplicates ? (path: string) => void duplicates.push({ path }) : undefined
  const losses: string[] = []
  const onImprecise = (digits: string, kept: number) => {
    if (losses.length < limits.namedLosses) losses.push(`integer ${digits} has more digits than are kept: it becomes ${kept}`)
  }
  const value = parseJson(bytes, { maximumDepth: limits.bodyDepth, onDuplicate, onImprecise })
  return { value, duplicates, losses }
}

/** Reading it holds up everybody, so it is bounded more tightly than other bodies. */
export function yamlText(bytes: Uint8Array): string {
  if (bytes.length > limits.yamlBytes) throw requestTooLarge(`Request entity too large: limit of YAML is ${limits.yamlBytes}`)
  return Buffer.from(bytes).toString()
}

/** What decoding an object of a request depends on. */
export interface DecodeTarget {
  readonly apiVersion: string
  /** Further group versions that a body may name. */
  readonly alsoAccepted?: readonly string[]
  readonly kind: string
  readonly custom?: boolean
  readonly schema: Schema & ObjectNode
  readonly fieldValidation: FieldValidation
  readonly warn: (text: string) => void
}

/** An object of the expected kind and version, from a body that may leave its type meta out. */
export function decodeBody(body: RequestBody, target: DecodeTarget): KubernetesObject {
  const { protobuf } = body
  if (protobuf) {
    checkTypeMeta(protobuf.apiVersion, protobuf.kind, target)
    const object = naming(target, () => decodeProtobufMessage(target.schema, protobuf.raw)) as KubernetesObject
    return withTypeMeta(applySchemaDefaults(target.schema as Schema<KubernetesObject>, object), target)
  }
  return decodeValue(body.value, target, body.duplicates)
}

export function decodeValue(value: unknown, target: DecodeTarget, duplicates: readonly Repetition[] = []): KubernetesObject {
  const object = decodeWithoutDefaults(value, target, duplicates)
  return applySchemaDefaults(target.schema as Schema<KubernetesObject>, object)
}

/** What somebody applies: only what they wrote, since they will own it. */
export function decodeWithoutDefaults(value: unknown, target: DecodeTarget, duplicates: readonly Repetition[] = []): KubernetesObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unrecognized(target.kind, noTypeMeta('unexpected end of JSON input'), new Uint8Array())
  }
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown }
  checkTypeMeta(apiVersion, kind, target)
  const unknown: string[] = []
  const collect = target.fieldValidation === 'Ignore' ? undefined : (path: string) => void unknown.push(path)
  const object = decodeAgainst(value, target, collect)
  if (duplicates.length + unknown.length > 0) reportProblems(strictProblems(duplicates, unknown, value, !target.custom), target)
  return withTypeMeta(object, target)
}

const decodeAgainst = (value: unknown, target: DecodeTarget, collect: ((path: string) => void) | undefined): KubernetesObject =>
  naming(target, () => decode(target.schema as Schema<KubernetesObject>, value, collect))

/** Mistakes are told with the kind that the body has. */
function naming<T>(target: DecodeTarget, decodeObject: () => T): T {
  try {
    return decodeObject()
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(`${cannotBeHandled(target.kind, target)}: ${error.message}`)
    throw error
  }
}

function reportProblems(problems: StrictProblems, target: DecodeTarget): void {
  if (target.fieldValidation === 'Ignore') return
  if (target.fieldValidation === 'Strict')
    throw badRequest(`${cannotBeHandled(target.kind, target)}: strict decoding error: ${describeProblems(problems)}`)
  for (const problem of [...problems.lines, ...problems.fields]) target.warn(problem)
}

const cannotBeHandled = (kind: string, target: DecodeTarget): string =>
  `${kind} in version ${JSON.stringify(parseGroupVersion(target.apiVersion).version)} cannot be handled as a ${target.kind}`

function checkTypeMeta(apiVersion: unknown, kind: unknown, target: DecodeTarget): void {
  if (kind !== undefined && kind !== null && kind !== '' && kind !== target.kind) {
    throw badRequest(
      `${cannotBeHandled(String(kind), target)}: no kind ${JSON.stringify(kind)} is registered for this resource, only ${JSON.stringify(target.kind)}`,
    )
  }
  if (apiVersion === undefined || apiVersion === null || apiVersion === '' || apiVersion === target.apiVersion) return
  if (!target.alsoAccepted?.includes(String(apiVersion))) {
    throw badRequest(`the API version in the data (${String(apiVersion)}) does not match the expected API version (${target.apiVersion})`)
  }
}

const withTypeMeta = (object: KubernetesObject, { apiVersion, kind }: DecodeTarget): KubernetesObject => ({
  ...object,
  apiVersion,
  kind,
  metadata: object.metadata ?? {},
})

/** From an object as it was sent to the one that is stored: converted, with the defaults that code fills in. */
export function defaulted(resource: Resource, object: KubernetesObject): KubernetesObject {
  const stored = toStored(resource, object)
  return resource.kind.strategy.applyDefaults?.(stored) ?? stored
}

/** Patched documents are refused in another form: as an invalid patch. */
export function asPatchError(error: unknown, patch: unknown): unknown {
  const text = error instanceof StatusError && / cannot be handled as a \w+: (.*)$/s.exec(error.message)?.[1]
  if (!text) return error
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(patch))}: ${text}`
  return invalid('', '', '', [{ type: 'FieldValueInvalid', field: 'patch', message }])
}

const deleteOptionsTypes = ['DeleteOptions', 'Eviction']

/** DeleteOptions of any group's version: clients send the resource's own or v1. */
export function decodeDeleteOptions(body: RequestBody): DeleteOptions {
  const { protobuf } = body
  if ((!protobuf && body.value === undefined) || body.value === null) return {}
  const { kind } = protobuf ?? (body.value as { kind?: unknown })
  if (typeof kind === 'string' && kind !== '' && !deleteOptionsTypes.includes(kind)) {
    throw badRequest(`decoding DeleteOptions: no kind ${JSON.stringify(kind)} is registered for version "meta.k8s.io/v1"`)
  }
  try {
    return protobuf ? (decodeProtobufMessage(DeleteOptions, protobuf.raw) as DeleteOptions) : decode(DeleteOptions, body.value)
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message)
    throw error
  }
}

/** The target of a kind's own objects. */
export const targetOf = (resource: Resource, fieldValidation: FieldValidation, warn: (text: string) => void): DecodeTarget => ({
  apiVersion: resource.apiVersion,
  kind: resource.kind.kind,
  custom: resource.kind.custom,
  schema: resource.served.schema,
  fieldValidation,
  warn,
})

/** The target of a subresource with a kind of its own. */
export function subresourceTarget(
  resource: Resource,
  subresource: string,
  fieldValidation: FieldValidation,
  warn: (text: string) => void,
): DecodeTarget {
  const definition = resource.kind.subresources[subresource]
  if (!definition?.schema) return targetOf(resource, fieldValidation, warn)
  const apiVersion = definition.version === undefined ? resource.apiVersion : formatGroupVersion(definition.group ?? '', definition.version)
  return { apiVersion, alsoAccepted: definition.alsoAccepted, kind: definition.kind, schema: definition.schema, fieldValidation, warn }
}
