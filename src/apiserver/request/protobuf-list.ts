import { encodeProtobufEnvelope, encodeProtobufMessage } from '../../apimachinery/codec/index.ts'
import { ListMeta } from '../../apimachinery/meta.ts'
import { object, optional } from '../../apimachinery/schema.ts'
import type { Clock } from '../../base/clock.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import type { ObjectEncoder } from '../registry/encode.ts'
import type { EncodedCache } from '../registry/encoded-cache.ts'
import type { Resource } from '../resources.ts'

const listHead = object('', '', { metadata: optional(1, ListMeta, '') })

/** A list in protobuf: its metadata as field 1, then each object as field 2. Objects are encoded once; others may go first meanwhile. */
export async function encodeProtobufList(
  room: { readonly encoder: ObjectEncoder; readonly cache: EncodedCache; readonly clock: Clock },
  resource: Resource,
  metadata: unknown,
  versions: readonly StoredVersion[],
): Promise<Uint8Array> {
  const { encoder, cache, clock } = room
  const parts: Uint8Array[] = [encodeProtobufMessage(listHead, { metadata })]
  let sinceYield = 0
  for (const version of versions) {
    const item = cache.get(version, `item|protobuf|${resource.apiVersion}`, () =>
      Buffer.from(encodeProtobufMessage(resource.served.schema, encoder.served(resource, version))),
    )
    parts.push(fieldHeader(item.length), item)
    if (++sinceYield % limits.encodeSlice === 0) await clock.yield()
  }
  return encodeProtobufEnvelope(Buffer.concat(parts), resource.apiVersion, `${resource.kind.kind}List`)
}

// Field 2, length-delimited, and the length as a varint.
function fieldHeader(length: number): Uint8Array {
  const bytes = [0x12]
  let rest = length
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
