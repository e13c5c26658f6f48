import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../apimachinery/meta.ts'
import { configMapKind, jobKind, namespaceKind, podKind } from '../../apis/index.ts'
import { seededRandom } from '../../base/random.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { createResourceCatalog } from '../resources.ts'
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts'
import { createObjectEncoder } from './encode.ts'
import { createEncodedCache } from './encoded-cache.ts'
import { chooseFree, reservedLow } from './free-choice.ts'
import { planRemoval } from './removal.ts'
import { encodeStored, labelsOf, managedFieldsOf, memoOf, objectOf } from './stored-object.ts'

const catalog = createResourceCatalog([configMapKind, jobKind, podKind, namespaceKind] as unknown as Kind[])
const configMaps = catalog.ofKind(configMapKind as unknown as Kind)
const jobs = catalog.ofKind(jobKind as unknown as Kind)
const pods = catalog.ofKind(podKind as unknown as Kind)
const namespaces = catalog.ofKind(namespaceKind as unknown as Kind)

const stored = (object: KubernetesObject, managedFields: readonly ManagedFieldsEntry[], memo: unknown): StoredVersion => ({
  key: '/registry/core/configmaps/default/x',
  value: encodeStored(configMapKind as unknown as Kind, object, managedFields),
  revision: 7,
  createRevision: 7,
  memo,
})

describe('stored objects', () => {
  const text = fc.string({ unit: 'binary' }).filter(value => value.isWellFormed())
  const objects = fc.record({
    labels: fc.option(fc.dictionary(text, text), { nil: undefined }),
    annotations: fc.option(fc.dictionary(text, text), { nil: undefined }),
    data: fc.dictionary(
      text.filter(key => key !== '__proto__'),
      text,
    ),
  })

  it('are spliced into exactly what they were, whatever their texts contain', () => {
    const encoder = createObjectEncoder(createEncodedCache(1000), true)
    fc.assert(
      fc.property(objects, fc.boolean(), fc.boolean(), ({ labels, annotations, data }, managed, written) => {
        // As it would come from a client: plain objects without undefined members.
        const sentMetadata = { name: 'x', namespace: 'default', labels, annotations }
        const object = JSON.parse(JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: sentMetadata, data })) as KubernetesObject
        const { metadata } = object
        const managedFields: ManagedFieldsEntry[] = managed
          ? [{ manager: 'm]}"', operation: 'Update', fieldsV1: { 'f:data': { 'f:"}': {} } } }]
          : []
        const version = stored(object, managedFields, written ? memoOf(configMapKind as unknown as Kind, object) : undefined)
        const withRevision = { ...object, metadata: { ...metadata, resourceVersion: '7' } }
        assert.deepEqual(objectOf(configMaps, version, true), withRevision)
        assert.deepEqual(managedFieldsOf(configMaps, version), managedFields)
        assert.deepEqual(labelsOf(configMaps, version), metadata.labels ?? {})
        const sent = JSON.parse(encoder.object(configMaps, version).toString()) as KubernetesObject
        const complete = { ...withRevision.metadata, ...(managed && { managedFields }) }
        assert.deepEqual(sent, { ...withRevision, metadata: complete })
        const partial = JSON.parse(encoder.metadata(configMaps, version, 9, 'v1').toString()) as KubernetesObject
        assert.deepEqual(partial.metadata, { ...complete, resourceVersion: '9' })
      }),
    )
  })

  it('that another version of the program wrote are read all the same', () => {
    const value = Buffer.from(
      '{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1"},"metadata":{"managedFields":[{"manager":"m"}],"name":"x"}}',
    )
    const version: StoredVersion = { key: 'k', value, revision: 3, createRevision: 3, memo: undefined }
    assert.deepEqual(objectOf(configMaps, version, false).metadata, { name: 'x', resourceVersion: '3' })
    const encoder = createObjectEncoder(createEncodedCache(1000), false)
    const sent = JSON.parse(encoder.object(configMaps, version).toString())
    assert.deepEqual(sent, {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: '3', name: 'x', managedFields: [{ manager: 'm' }] },
      data: { a: '1' },
    })
  })
})

describe('the cache of encoded bodies', () => {
  it('stays within its budget and forgets what was used longest ago', () => {
    const cache = createEncodedCache(10)
    const [a, b, c] = [{}, {}, {}]
    const make = (text: string) => () => Buffer.from(text)
    cache.get(a, 'k', make('aaaa'))
    cache.get(b, 'k', make('bbbb'))
    assert.equal(cache.get(a, 'k', make('other')).toString(), 'aaaa')
    cache.get(c, 'k', make('cccc'))
    assert.ok(cache.bytes <= 10)
    assert.equal(cache.get(a, 'k', make('again')).toString(), 'aaaa')
    assert.equal(cache.get(b, 'k', make('anew')).toString(), 'anew')
  })
})

describe('continue tokens', () => {
  it('come back as they were, and nothing else is accepted', () => {
    const token = { revision: 12, start: 'default/x\0' }
    assert.deepEqual(decodeContinueToken(encodeContinueToken(token)), token)
    for (const value of [
      '',
      'null',
      '{}',
      '{"v":"meta.k8s.io/v1","rv":0,"start":"a"}',
      '{"v":"meta.k8s.io/v1","rv":1}',
      '{"v":"v2","rv":1,"start":"a"}',
    ]) {
      assert.throws(() => decodeContinueToken(Buffer.from(value).toString('base64url')), /continue key is not valid/)
    }
  })
})

describe('free numbers', () => {
  it('are taken from above the reserved ones first, then from those, then there is none', () => {
    const random = seededRandom(1)
    const taken = new Set<number>()
    const order: number[] = []
    for (;;) {
      const next = chooseFree(random, 20, 5, candidate => !taken.has(candidate))
      if (next === undefined) break
      taken.add(next)
      order.push(next)
    }
    assert.equal(order.length, 20)
    assert.ok(order.slice(0, 15).every(number => number >= 5))
    assert.deepEqual([reservedLow(65536, 16, 256, 16), reservedLow(256, 16, 256, 16), reservedLow(8, 16, 256, 16)], [256, 16, 0])
  })
})

describe('removal', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  const pod = (metadata: object, spec: object = {}) =>
    ({
      metadata: { name: 'p', ...metadata },
      spec: { nodeName: 'n', terminationGracePeriodSeconds: 30, ...spec },
      status: { phase: 'Running' },
    }) as KubernetesObject
  const cases: [string, Parameters<typeof planRemoval>, object][] = [
    ['a kind without grace goes at once', [configMaps, pod({}), {}, now], { type: 'remove' }],
    [
      'finalizers hold it',
      [configMaps, pod({ finalizers: ['a/b'] }), {}, now],
      { type: 'mark', deletionTimestamp: '2026-01-01T00:00:00Z', seconds: 0 },
    ],
    ['dependents of replication controllers and jobs stay by default', [jobs, pod({}), {}, now], { type: 'mark', finalizers: ['orphan'] }],
    ['unless somebody says otherwise', [jobs, pod({}), { propagationPolicy: 'Background' }, now], { type: 'remove' }],
    [
      'or somebody has said otherwise',
      [jobs, pod({ finalizers: ['foregroundDeletion'] }), {}, now],
      { type: 'mark', finalizers: ['foregroundDeletion'] },
    ],
    ['a pod gets its grace period', [pods, pod({}), {}, now], { type: 'mark', deletionTimestamp: '2026-01-01T00:00:30Z', seconds: 30 }],
    [
      'or the one asked for',
      [pods, pod({}), { gracePeriodSeconds: 5 }, now],
      { type: 'mark', deletionTimestamp: '2026-01-01T00:00:05Z', seconds: 5 },
    ],
    ['or none', [pods, pod({}), { gracePeriodSeconds: 0 }, now], { type: 'remove' }],
    [
      'a running grace period is not made longer',
      [pods, pod({ deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 }), { gracePeriodSeconds: 60 }, now],
      { type: 'leaving' },
    ],
    [
      'but shorter',
      [pods, pod({ deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 }), { gracePeriodSeconds: 10 }, now],
      { type: 'mark', deletionTimestamp: '2026-01-01T00:00:10Z', seconds: 10 },
    ],
    [
      'a namespace waits for its content',
      [namespaces, { metadata: { name: 'n' }, spec: { finalizers: ['kubernetes'] } } as KubernetesObject, {}, now],
      { type: 'mark', deletionTimestamp: '2026-01-01T00:00:00Z', seconds: 0 },
    ],
  ]
  for (const [what, input, expected] of cases) {
    it(what, () => {
      const removal = planRemoval(...input)
      const metadata = removal.type === 'mark' ? removal.object.metadata : undefined
      const seen = { type: removal.type, deletionTimestamp: metadata?.deletionTimestamp, seconds: metadata?.deletionGracePeriodSeconds }
      if ('finalizers' in expected) assert.deepEqual({ type: removal.type, finalizers: metadata?.finalizers }, expected)
      else assert.deepEqual(JSON.parse(JSON.stringify(seen)), expected)
    })
  }
})
