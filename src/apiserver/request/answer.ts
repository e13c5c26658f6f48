import { internalError, notAcceptable, type Status, StatusError, storageFailure } from '../../apimachinery/api-errors.ts'
import { encodeProtobuf } from '../../apimachinery/codec/index.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { Status as StatusSchema } from '../../apimachinery/openapi/common-types.ts'
import type { Clock } from '../../base/clock.ts'
import { StorageUnavailable, type StoredVersion } from '../../storage/types.ts'
import type { Outcome } from '../operations/operation.ts'
import { type ObjectEncoder, revisionMember } from '../registry/encode.ts'
import type { EncodedCache } from '../registry/encoded-cache.ts'
import type { ListResult } from '../registry/read.ts'
import type { Resource } from '../resources.ts'
import type { HttpAnswer } from '../types.ts'
import { jsonList } from './json-pieces.ts'
import type { Negotiated } from './negotiation.ts'
import { mediaTypes, supportedMediaTypes } from './negotiation.ts'
import type { PieceBuffers } from './piece-buffers.ts'
import { encodeProtobufList } from './protobuf-list.ts'
import { expectedRowBytes, readIncludeObject, type TablePrinter } from './table.ts'
import { toYaml } from './yaml.ts'

/** What answering needs beside the outcome. */
export interface AnswerRoom {
  readonly encoder: ObjectEncoder
  readonly cache: EncodedCache
  readonly table: TablePrinter
  readonly buffers: PieceBuffers
  readonly clock: Clock
}

/** Writes an outcome in the form that the client asked for. */
export function answerOutcome(
  room: AnswerRoom,
  outcome: Outcome,
  negotiated: Negotiated,
  query: URLSearchParams,
): HttpAnswer | Promise<HttpAnswer> {
  switch (outcome.type) {
    case 'answer':
      return outcome.answer
    case 'status':
      return answerStatus(outcome.status, negotiated, outcome.code)
    case 'object':
      return answerValue(outcome.object, outcome.code, negotiated)
    case 'version':
      return answerVersion(room, outcome.resource, outcome.version, outcome.code, negotiated, query)
    case 'list':
      return answerList(room, outcome.resource, outcome.list, negotiated, query)
  }
}

function answerVersion(
  { encoder, table }: AnswerRoom,
  resource: Resource,
  version: StoredVersion,
  code: number,
  negotiated: Negotiated,
  query: URLSearchParams,
): HttpAnswer {
  if (negotiated.media === 'protobuf') {
    if (negotiated.as === 'PartialObjectMetadataList') throw notAcceptable(supportedMediaTypes)
    const body =
      negotiated.as === 'Object'
        ? encoder.protobuf(resource, version)
        : encoder.protobufMetadata(resource, version, version.revision, negotiated.transformVersion)
    return { status: code, headers: { 'content-type': mediaTypes.protobuf }, body }
  }
  if (negotiated.as === 'PartialObjectMetadataList') throw notAcceptable(supportedMediaTypes)
  const body =
    negotiated.as === 'Table'
      ? table.single(resource, negotiated, query, version, version.revision, true)
      : negotiated.as === 'Object'
        ? encoder.object(resource, version)
        : encoder.metadata(resource, version, version.revision, negotiated.transformVersion)
  return negotiated.media === 'json' && !negotiated.pretty
    ? { status: code, headers: { 'content-type': mediaTypes.json }, body }
    : answerText(body.toString(), code, negotiated)
}

function answerList(
  room: AnswerRoom,
  resource: Resource,
  list: ListResult,
  negotiated: Negotiated,
  query: URLSearchParams,
): HttpAnswer | Promise<HttpAnswer> {
  if (negotiated.media === 'protobuf') return answerProtobufList(room, resource, list, negotiated)
  const meta = listMeta(list)
  const chunks = listChunks(room, resource, list, meta, negotiated, query)
  if (negotiated.media === 'json' && !negotiated.pretty) {
    return { status: 200, headers: { 'content-type': mediaTypes.json }, body: singleOrMany(chunks) }
  }
  return answerText([...chunks].map(chunk => chunk.toString()).join(''), 200, negotiated)
}

const listMeta = (list: ListResult): string =>
  JSON.stringify({
    ...(list.revision > 0 && { resourceVersion: String(list.revision) }),
    ...(list.continue !== undefined && { continue: list.continue }),
    ...(list.remainingItemCount !== undefined && { remainingItemCount: list.remainingItemCount }),
  })

/** A list in pieces of bounded size; between two of them others may go first. */
function listChunks(
  room: AnswerRoom,
  resource: Resource,
  list: ListResult,
  meta: string,
  negotiated: Negotiated,
  query: URLSearchParams,
): Generator<Buffer> {
  const { encoder, table } = room
  if (negotiated.as === 'Table') {
    const write = table.rows(resource, negotiated, readIncludeObject(query))
    const head = table.head(resource, negotiated, meta)
    return jsonList(room.buffers, head, list.versions, expectedRowBytes, (out, version) => write(out, version, version.revision))
  }
  const { kind } = resource.kind
  const partial = negotiated.as !== 'Object'
  const apiVersion = partial ? `meta.k8s.io/${negotiated.transformVersion}` : resource.apiVersion
  const listKind = partial ? 'PartialObjectMetadataList' : (resource.kind.listKind ?? `${kind}List`)
  const head = `{"kind":"${listKind}","apiVersion":"${apiVersion}","metadata":${meta},"items":[`
  if (partial) {
    const itemHead = `{"kind":"PartialObjectMetadata","apiVersion":"${apiVersion}","metadata":{`
    return jsonList(room.buffers, head, list.versions, expectedBytesOf(itemHead), (out, version) => {
      out.text(itemHead)
      out.text(revisionMember(version.revision))
      encoder.writeMetadataTail(out, resource, version)
      out.text('}')
    })
  }
  const itemHead = resource.kind.custom ? `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":{` : '{"metadata":{'
  return jsonList(room.buffers, head, list.versions, expectedBytesOf(itemHead), (out, version) => {
    out.text(itemHead)
    out.text(revisionMember(version.revision))
    encoder.writeTail(out, resource, version)
  })
}

// Converted objects may be longer than what is stored; they go on in the next piece.
const expectedBytesOf =
  (itemHead: string) =>
  ({ value }: StoredVersion): number =>
    (itemHead.length + 48) * 3 + value.length

/** One piece is a body with a length; several are pulled one by one. */
function singleOrMany(chunks: Generator<Buffer>): Buffer | AsyncIterable<Buffer> {
  const first = chunks.next()
  if (first.done) return Buffer.alloc(0)
  const second = chunks.next()
  if (second.done) return first.value
  return (async function* () {
    yield first.value
    yield second.value
    yield* chunks
  })()
}

async function answerProtobufList(room: AnswerRoom, resource: Resource, list: ListResult, negotiated: Negotiated): Promise<HttpAnswer> {
  const pieces = await encodeProtobufList(room, resource, JSON.parse(listMeta(list)), list.versions, negotiated)
  return { status: 200, headers: { 'content-type': mediaTypes.protobuf }, body: singleOrMany(pieces) }
}

function answerValue(object: KubernetesObject, code: number, negotiated: Negotiated): HttpAnswer {
  if ((object as { kind?: string }).kind === 'Status') return answerStatus(object as unknown as Status, negotiated, code)
  return answerText(JSON.stringify(object), code, negotiated)
}

export function answerStatus(status: Status, negotiated: Negotiated | undefined, code = status.code ?? 200): HttpAnswer {
  if (negotiated?.media === 'protobuf') {
    return { status: code, headers: { 'content-type': mediaTypes.protobuf }, body: encodeProtobuf(StatusSchema, status, 'v1', 'Status') }
  }
  return answerText(JSON.stringify(status), code, negotiated)
}

export function answerText(json: string, code: number, negotiated: Negotiated | undefined): HttpAnswer {
  if (negotiated?.media === 'yaml') return { status: code, headers: { 'content-type': mediaTypes.yaml }, body: toYaml(JSON.parse(json)) }
  const body = negotiated?.pretty ? `${JSON.stringify(JSON.parse(json), null, 2)}\n` : json
  return { status: code, headers: { 'content-type': mediaTypes.json }, body }
}

/** Every error as a Status: those of the API as they are, what the store refuses in its words, anything else as our own fault. */
export function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error
  if (error instanceof StorageUnavailable) return storageFailure(error.message)
  return internalError(error)
}
