import { badRequest, type StatusError, unsupportedMediaType } from '../../apimachinery/api-errors.ts'
import { DecodeError } from '../../apimachinery/codec/index.ts'
import type { CallOptions, PatchType } from '../../apimachinery/connection.ts'
import type { DeleteOptions } from '../../apimachinery/meta.ts'
import { limits } from '../limits.ts'
import { patchContentTypes } from '../registry/patch.ts'
import type { Resource } from '../resources.ts'
import type { HttpRequest } from '../types.ts'
import type { UserYamlReader } from '../yaml/index.ts'
import { headerOf } from './authenticate.ts'
import { decodeDeleteOptions, parseBody, parseJsonBody, type RequestBody, withTypeMetaOf, yamlText, yamlTypes } from './body.ts'
import { contentTypeOf, mediaTypes } from './negotiation.ts'
import { unrecognized } from './unrecognized.ts'

type WithBody = Omit<HttpRequest, 'body'> & Partial<Pick<HttpRequest, 'body'>>

/** What the body of a request should be. */
export interface ExpectedBody {
  readonly kind: string
  readonly custom?: boolean
  readonly findDuplicates: boolean
}

/** The parsed body of a write; undefined where the request has none. */
export async function readBody(request: WithBody, yaml: UserYamlReader, expected: ExpectedBody): Promise<RequestBody | undefined> {
  const bytes = await request.body?.(limits.bodyBytes)
  if (!bytes || bytes.length === 0) return undefined
  const { kind, custom, findDuplicates } = expected
  const type = headerOf(request, 'content-type')
  const media = contentTypeOf(type)
  // Custom kinds have no messages.
  if (custom && media === mediaTypes.protobuf) throw unsupportedMediaType([mediaTypes.json, mediaTypes.yaml])
  const patchType = patchContentTypes[media]
  if (request.method === 'PATCH' && patchType !== undefined) return parsePatch(bytes, patchType, yaml, findDuplicates)
  if (!yamlTypes.has(media)) return parseBody(bytes, type, findDuplicates, kind)
  const body = await parseYamlBody(bytes, yaml, findDuplicates, reason => unrecognized(kind, reason.replace(conversion, ''), bytes))
  return withTypeMetaOf(body, kind, bytes)
}

// In upstream, only who applies is told of the step in which the mistake was found.
const conversion = /^error converting YAML to JSON: /

async function parseYamlBody(
  bytes: Uint8Array,
  yaml: UserYamlReader,
  findDuplicates: boolean,
  refuse: (reason: string) => StatusError,
): Promise<RequestBody> {
  try {
    const { value, duplicates } = await yaml.read(yamlText(bytes), findDuplicates)
    return { value, duplicates: duplicates.map(line => ({ line })) }
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message)
    throw error
  }
}

const openBrace = 0x7b

function parsePatch(bytes: Uint8Array, type: PatchType, yaml: UserYamlReader, findDuplicates: boolean): RequestBody | Promise<RequestBody> {
  if (type === 'apply') return parseApplied(bytes, yaml, findDuplicates)
  try {
    return parseJsonBody(bytes, false)
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(type === 'strategic' ? error.message : `error decoding patch: ${error.message}`)
    throw error
  }
}

// Apply takes YAML; most clients send JSON, which is read faster as what it is.
function parseApplied(bytes: Uint8Array, yaml: UserYamlReader, findDuplicates: boolean): RequestBody | Promise<RequestBody> {
  const attempt = 'error decoding YAML: '
  try {
    if (bytes[0] === openBrace) return parseJsonBody(bytes, findDuplicates)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    // It may be YAML all the same; if not, the mistake is told in its words.
    if (bytes.length > limits.yamlBytes) throw badRequest(attempt + error.message)
  }
  return parseYamlBody(bytes, yaml, findDuplicates, reason => badRequest(attempt + reason))
}

export function readPatchType(request: WithBody, resource: Resource): PatchType {
  const type = patchContentTypes[contentTypeOf(headerOf(request, 'content-type'))]
  if (type !== undefined) return type
  throw unsupportedMediaType(Object.keys(patchContentTypes).filter(one => !resource.kind.custom || patchContentTypes[one] !== 'strategic'))
}

/** A DELETE's options come in its body, or else in its query. */
export async function readDeleteOptions(
  request: WithBody,
  yaml: UserYamlReader,
  query: CallOptions,
  setDryRun: (dryRun: boolean) => void,
): Promise<DeleteOptions> {
  const body = await readBody(request, yaml, { kind: 'DeleteOptions', findDuplicates: false })
  if (!body)
    return { gracePeriodSeconds: query.gracePeriodSeconds, propagationPolicy: query.propagationPolicy, preconditions: query.preconditions }
  const options = decodeDeleteOptions(body)
  for (const value of options.dryRun ?? []) if (value !== 'All') throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(value)}`)
  if (options.dryRun?.length) setDryRun(true)
  return options
}
