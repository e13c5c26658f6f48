import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeProtobufEnvelope, decodeProtobufMessage } from '../../apimachinery/codec/index.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { ListMeta } from '../../apimachinery/meta.ts'
import { list, object, optional, required } from '../../apimachinery/schema.ts'
import { configMapKind } from '../../apis/core/config-map.ts'
import { systemClock } from '../../base/clock.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { createObjectEncoder } from '../registry/encode.ts'
import { createEncodedCache } from '../registry/encoded-cache.ts'
import { encodeStored } from '../registry/stored-object.ts'
import { createResourceCatalog } from '../resources.ts'
import { createPieceBuffers } from './piece-buffers.ts'
import { encodeProtobufList } from './protobuf-list.ts'

const catalog = createResourceCatalog([configMapKind])
const resource = catalog.find('', 'v1', 'configmaps') ?? assert.fail('config maps are not served')
const cache = createEncodedCache(limits.encodedCacheBytes)
const room = {
  buffers: createPieceBuffers(limits.listChunkBytes, 1),
  cache,
  encoder: createObjectEncoder(cache, true),
  clock: systemClock(),
}
const configMapList = object('', '', {
  metadata: optional(1, ListMeta, ''),
  items: required(2, list(configMapKind.schema), ''),
})

function stored(name: string, bytes: number): StoredVersion {
  const configMap = { metadata: { name, namespace: 'default', uid: name }, data: { text: 'x'.repeat(bytes) } } as KubernetesObject
  return { key: name, value: encodeStored(configMapKind, configMap, []), revision: 7, createRevision: 7, memo: undefined }
}

const asObjects = { media: 'protobuf', as: 'Object', transformVersion: 'v1', pretty: false } as const

describe('lists in protobuf', () => {
  const piece = limits.listChunkBytes
  const cases: Readonly<Record<string, readonly number[]>> = {
    'of nothing': [],
    'of one': [10],
    'of varied lengths of lengths': [1, 100, 127, 128, 16_383, 16_384, 20_000],
    'that fill a piece almost, exactly and more than it holds': [piece - 200, 5, piece, piece * 3, 1],
    'of many': Array.from({ length: 400 }, (_, index) => index * 11),
  }
  for (const [what, sizes] of Object.entries(cases)) {
    it(`${what} come whole and in bounded pieces`, async () => {
      const versions = sizes.map((size, index) => stored(`name-${index}`, size))
      const pieces = [...(await encodeProtobufList(room, resource, { resourceVersion: '9' }, versions, asObjects))]
      const envelope = decodeProtobufEnvelope(Buffer.concat(pieces))
      assert.equal(envelope.kind, 'ConfigMapList')
      assert.equal(envelope.apiVersion, 'v1')
      const decoded = decodeProtobufMessage(configMapList, envelope.raw) as {
        metadata: { resourceVersion: string }
        items: { metadata: { name: string }; data: { text: string } }[]
      }
      assert.equal(decoded.metadata.resourceVersion, '9')
      assert.deepEqual(
        (decoded.items ?? []).map(item => [item.metadata.name, item.data.text?.length ?? 0]),
        sizes.map((size, index) => [`name-${index}`, size]),
      )
      for (const bytes of pieces) assert.ok(bytes.length <= Math.max(piece, ...sizes.map(size => size + 500)))
    })
  }
})
