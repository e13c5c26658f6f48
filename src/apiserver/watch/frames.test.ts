import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMapKind } from '../../apis/index.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { createEncodedCache } from '../registry/encoded-cache.ts'
import type { Negotiated } from '../request/negotiation.ts'
import { createResourceCatalog } from '../resources.ts'
import { createFrameForms, type FrameRoom } from './frames.ts'
import type { WatchItem } from './open-watch.ts'

const catalog = createResourceCatalog([configMapKind] as never)
const resource = catalog.find('', 'v1', 'configmaps')
assert.ok(resource)
const query = new URLSearchParams()
const json: Negotiated = { media: 'json', as: 'Object', transformVersion: 'v1', pretty: false }

const version = (revision: number, text: string): StoredVersion => ({
  key: '/a',
  value: Buffer.from(JSON.stringify(text)),
  revision,
  createRevision: 1,
  memo: undefined,
})
const added = (revision: number, text = 'object'): WatchItem => ({ type: 'ADDED', version: version(revision, text), revision })

describe('the frames of watches', () => {
  let encoded = 0
  const count = (bytes: Uint8Array) => {
    encoded++
    return Buffer.from(bytes)
  }
  const room = {
    encoder: {
      object: (_: unknown, { value }: StoredVersion) => count(value),
      metadata: () => count(Buffer.from('"metadata"')),
      protobuf: () => count(Buffer.from('protobuf')),
    },
    cache: createEncodedCache(1 << 20),
    table: { single: () => '"row"' },
  } as unknown as FrameRoom
  const framesOf = createFrameForms(room)
  const frames = (negotiated: Partial<Negotiated> = {}) => framesOf(resource, { ...json, ...negotiated }, query)

  it('are the same bytes for all who watch in one form and are told the same', () => {
    const items = [added(1), added(2)]
    const bytes = frames().encodeShared(items)
    assert.equal(String(bytes), '{"type":"ADDED","object":"object"}\n'.repeat(2))
    assert.equal(frames().encodeShared(items), bytes)
    assert.equal(encoded, 2)
    assert.deepEqual(frames().encodeShared([...items]), bytes)
    assert.notDeepEqual(frames({ as: 'PartialObjectMetadata' }).encodeShared(items), bytes)
    assert.notDeepEqual(frames({ media: 'protobuf' }).encodeShared(items), bytes)
    assert.equal(encoded, 6)
  })

  it('are not put together where they are much, not the same for all, or end the watch', () => {
    const half = 'x'.repeat(limits.unsentWatchBytes / 2)
    assert.equal(frames().encodeShared([added(1, half), added(2, half)]), undefined)
    assert.ok(frames().encodeShared([added(1, half + half)]), 'one alone is sent whole')
    assert.equal(frames({ as: 'Table' }).encodeShared([added(1)]), undefined)
    assert.notEqual(frames({ as: 'Table' }), frames({ as: 'Table' }))
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
    assert.equal(frames().encodeShared([added(1), { type: 'ERROR', status }]), undefined)
  })
})
