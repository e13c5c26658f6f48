import { createProtobufMessageEncoder, encodeProtobufMessage, protobufEnvelopeAround } from '../../apimachinery/codec/index.ts'
import { ListMeta } from '../../apimachinery/meta.ts'
import { object, optional } from '../../apimachinery/schema.ts'
import type { Clock } from '../../base/clock.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { metadataOnly, type ObjectEncoder } from '../registry/encode.ts'
import type { EncodedCache } from '../registry/encoded-cache.ts'
import type { Resource } from '../resources.ts'
import type { Negotiated } from './negotiation.ts'
import type { PieceBuffers } from './piece-buffers.ts'

const listHead = object('', '', { metadata: optional(1, ListMeta, '') })

/**
 * A list in protobuf: its metadata as field 1, then each object as field 2. Objects are encoded once; others may go first
 * meanwhile. The envelope tells its length beforehand, so all objects are encoded before the first piece is there.
 */
export async function encodeProtobufList(
  room: { readonly encoder: ObjectEncoder; readonly cache: EncodedCache; readonly buffers: PieceBuffers; readonly clock: Clock },
  resource: Resource,
  metadata: unknown,
  versions: readonly StoredVersion[],
  { as, transformVersion }: Negotiated,
): Promise<Generator<Buffer>> {
  const { encoder, cache, buffers, clock } = room
  const partial = as !== 'Object'
  const apiVersion = partial ? `meta.k8s.io/${transformVersion}` : resource.apiVersion
  const schema = partial ? metadataOnly : resource.served.schema
  const key = `item|protobuf${partial ? transformVersion : ''}|${resource.apiVersion}`
  const head = encodeProtobufMessage(listHead, { metadata })
  const encode = createProtobufMessageEncoder()
  const items: Buffer[] = []
  let length = head.length
  for (const version of versions) {
    const item = cache.get(version, key, () => encode(schema, encoder.served(resource, version)))
    items.push(item)
    length += itemHeadLength(item.length) + item.length
    if (items.length % limits.encodeSlice === 0) await clock.yield()
  }
  const { before, behind } = protobufEnvelopeAround(length, apiVersion, partial ? 'PartialObjectMetadataList' : `${resource.kind.kind}List`)
  return pieces(buffers, Buffer.concat([before, head]), items, behind, before.length + length + behind.length)
}

/** Copies everything into pieces of bounded size. */
function* pieces(buffers: PieceBuffers, start: Buffer, items: readonly Buffer[], end: Uint8Array, total: number): Generator<Buffer> {
  let piece = total < limits.listChunkBytes ? Buffer.allocUnsafeSlow(total) : buffers.take(Math.max(limits.listChunkBytes, start.length))
  let used = start.copy(piece)
  for (const item of items) {
    const needed = itemHeadLength(item.length) + item.length
    if (used + needed > piece.length) {
      yield piece.subarray(0, used)
      piece = buffers.take(Math.max(limits.listChunkBytes, needed))
      used = 0
    }
    used = writeItemHead(piece, used, item.length)
    used += item.copy(piece, used)
  }
  if (used + end.length > piece.length) {
    yield piece.subarray(0, used)
    piece = Buffer.allocUnsafeSlow(end.length)
    used = 0
  }
  piece.set(end, used)
  yield piece.subarray(0, used + end.length)
}

/** Field 2, length-delimited. */
const itemTag = 0x12

function itemHeadLength(length: number): number {
  let bytes = 2
  for (let rest = length; rest > 0x7f; rest >>>= 7) bytes++
  return bytes
}

/** The tag and the length as a varint; answers where the item begins. */
function writeItemHead(piece: Buffer, offset: number, length: number): number {
  let at = offset
  piece[at++] = itemTag
  let rest = length
  for (; rest > 0x7f; rest >>>= 7) piece[at++] = (rest & 0x7f) | 0x80
  piece[at++] = rest
  return at
}
