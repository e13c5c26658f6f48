import { badRequest, unsupportedMediaType } from '../../apimachinery/api-errors.ts'
import { DecodeError } from '../../apimachinery/codec/index.ts'
import type { CallOptions, PatchType } from '../../apimachinery/connection.ts'
import type { DeleteOptions } from '../../apimachinery/meta.ts'
import { limits } from '../limits.ts'
import { patchContentTypes } from '../registry/patch.ts'
import type { Resource } from '../resources.ts'
import type { HttpRequest } from '../types.ts'
import type { YamlReader } from '../yaml/index.ts'
import { headerOf } from './authenticate.ts'
import { decodeDeleteOptions, parseBody, parseJsonBody, type RequestBody, yamlText, yamlTypes } from './body.ts'
import { contentTypeOf, mediaTypes } from './negotiation.ts'

type WithBody = Omit<HttpRequest, 'body'> & Partial<Pick<HttpRequest, 'body'>>

/** The parsed body of a write; undefined where the request has none. */
export async function readBody(
  request: WithBody,
  yaml: YamlReader,
  findDuplicates: boolean,
  custom = false,
): Promise<RequestBody | undefined> {
  const bytes = await request.body?.(limits.bodyBytes)
  if (!bytes || bytes.length === 0) return undefined
  const type = headerOf(request, 'content-type')
  const media = contentTypeOf(type)
  // Custom kinds have no messages.
  if (custom && media === mediaTypes.protobuf) throw unsupportedMediaType([mediaTypes.json, mediaTypes.yaml])
  const patchType = patchContentTypes[media]
  if (request.method === 'PATCH' && patchType !== undefined) return parsePatch(bytes, patchType, yaml, findDuplicates)
  if (yamlTypes.has(media)) return parseYamlBody(bytes, yaml, findDuplicates)
  return parseBody(bytes, type, findDuplicates)
}

async function parseYamlBody(bytes: Uint8Array, yaml: YamlReader, findDuplicates: boolean, attempt = ''): Promise<RequestBody> {
  try {
    const { value, duplicates } = await yaml.read(yamlText(bytes), findDuplicates)
    return { value, duplicates: duplicates.map(line => ({ line })) }
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(attempt + error.message)
    throw error
  }
}

const openBrace = 0x7b

// Apply takes YAML; most clients send JSON, which is read faster as what it is.
function parsePatch(bytes: Uint8Array, type: PatchType, yaml: YamlReader, findDuplicates: boolean): RequestBody | Promise<RequestBody> {
  const attempt = type === 'apply' ? 'error decoding YAML: ' : ''
  if (type === 'apply' && bytes[0] !== openBrace) return parseYamlBody(bytes, yaml, findDuplicates, attempt)
  try {
    return parseJsonBody(bytes, findDuplicates && type === 'apply')
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(attempt + error.message)
    throw error
  }
}

export function readPatchType(request: WithBody, resource: Resource): PatchType {
  const type = patchContentTypes[contentTypeOf(headerOf(request, 'content-type'))]
  if (type !== undefined) return type
  throw unsupportedMediaType(Object.keys(patchContentTypes).filter(one => !resource.kind.custom || patchContentTypes[one] !== 'strategic'))
}

/** A DELETE's options come in its body, or else in its query. */
export async function readDeleteOptions(
  request: WithBody,
  yaml: YamlReader,
  query: CallOptions,
  setDryRun: (dryRun: boolean) => void,
): Promise<DeleteOptions> {
  const body = await readBody(request, yaml, false)
  if (!body)
    return { gracePeriodSeconds: query.gracePeriodSeconds, propagationPolicy: query.propagationPolicy, preconditions: query.preconditions }
  const options = decodeDeleteOptions(body)
  for (const value of options.dryRun ?? []) if (value !== 'All') throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(value)}`)
  if (options.dryRun?.length) setDryRun(true)
  return options
}
