import { internalError } from '../../apimachinery/api-errors.ts'
import { isJsonObject, type JsonObject } from '../../apimachinery/json-value.ts'
import type { KindStorage } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { CustomResourceConversion } from '../../apis/index.ts'
import type { Random } from '../../base/random.ts'
import { type ClientConfig, type Destination, destinationOf, type Outgoing, statusText } from '../outgoing/index.ts'

export interface ConversionRoom {
  readonly outgoing: Outgoing
  readonly random: Random
}

const understood = ['v1', 'v1beta1']
const timeout_ms = 30_000

/** Asks a definition's webhook to convert; undefined where versions differ in their apiVersion only. */
export function converterOf(room: ConversionRoom, conversion: CustomResourceConversion | undefined): KindStorage['convert'] {
  const { strategy, webhook } = conversion ?? {}
  if (strategy !== 'Webhook') return undefined
  const destination = webhook?.clientConfig && destinationOf(webhook.clientConfig as ClientConfig)
  const version = webhook?.conversionReviewVersions.find(one => understood.includes(one)) ?? 'v1'
  return async (objects, apiVersion) => {
    const [first] = objects
    if (!first) return []
    const subject = `conversion webhook for ${first.apiVersion}, Kind=${first.kind}`
    try {
      if (!destination) throw new Error('its clientConfig has neither a URL nor a service')
      const response = await ask(room, destination, version, objects, apiVersion)
      return readConverted(response, objects, apiVersion)
    } catch (error) {
      throw internalError(new Error(`${subject} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error }))
    }
  }
}

async function ask(
  { outgoing, random }: ConversionRoom,
  destination: Destination,
  version: string,
  objects: readonly KubernetesObject[],
  desiredAPIVersion: string,
): Promise<JsonObject> {
  const uid = random.uuid()
  const apiVersion = `apiextensions.k8s.io/${version}`
  const { status, body } = await outgoing.call(destination, {
    method: 'POST',
    path: '?timeout=30s',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ kind: 'ConversionReview', apiVersion, request: { uid, desiredAPIVersion, objects } }),
    timeout_ms,
    maximumBytes: answerBytes,
  })
  if (status < 200 || status >= 300) throw new Error(statusText(status, body.toString()))
  const review = parse(body)
  if (review.kind !== 'ConversionReview' || review.apiVersion !== apiVersion) {
    throw new Error(`expected webhook response of ${apiVersion}, Kind=ConversionReview, got ${review.apiVersion}, Kind=${review.kind}`)
  }
  const { response } = review
  if (!isJsonObject(response)) throw new Error('no response provided')
  if (response.uid !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid)}`)
  return response
}

/** A list's objects are converted in one call, so the answer may be as large as a list. */
const answerBytes = 64 * 1024 * 1024

function parse(body: Buffer): JsonObject {
  const value: unknown = JSON.parse(body.toString())
  if (!isJsonObject(value)) throw new Error('the answer is no object')
  return value
}

function readConverted(
  { result, convertedObjects }: JsonObject,
  objects: readonly KubernetesObject[],
  apiVersion: string,
): readonly KubernetesObject[] {
  const { status, message } = isJsonObject(result) ? result : {}
  if (status !== 'Success')
    throw new Error(typeof message === 'string' && message ? message : `response.result.status was '${status ?? ''}', not 'Success'`)
  const converted = Array.isArray(convertedObjects) ? (convertedObjects as readonly unknown[]) : []
  if (converted.length !== objects.length) throw new Error(`webhook returned ${converted.length} objects, expected ${objects.length}`)
  return converted.map((object, index) => checkConverted(object, objects[index] as KubernetesObject, apiVersion, index))
}

/** A webhook may change everything but what an object is: of metadata only labels and annotations. */
function checkConverted(converted: unknown, original: KubernetesObject, apiVersion: string, index: number): KubernetesObject {
  const invalid = (detail: string) => new Error(`webhook returned invalid converted object at index ${index}: ${detail}`)
  if (!isJsonObject(converted)) throw invalid('it is no object')
  if (converted.apiVersion !== apiVersion) throw invalid(`invalid groupVersion (expected ${apiVersion}, received ${converted.apiVersion})`)
  if (converted.kind !== original.kind) throw invalid(`invalid kind (expected ${original.kind}, received ${converted.kind})`)
  const { metadata } = converted
  if (!isJsonObject(metadata)) throw invalid('its metadata is no object')
  for (const field of ['name', 'namespace', 'uid'] as const) {
    if (metadata[field] !== original.metadata[field]) {
      throw invalid(`must have the same ${field}: ${JSON.stringify(metadata[field])} != ${JSON.stringify(original.metadata[field])}`)
    }
  }
  const { labels: _labels, annotations: _annotations, ...kept } = original.metadata
  const { labels, annotations } = metadata as KubernetesObject['metadata']
  return { ...converted, metadata: { ...kept, ...(labels && { labels }), ...(annotations && { annotations }) } } as KubernetesObject
}
