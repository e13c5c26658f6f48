import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Cell, timeSince } from '../../apimachinery/cell.ts'
import { type Column, type Kind, nameColumn } from '../../apimachinery/kind.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../../apimachinery/meta.ts'
import { configMapKind } from '../../apis/core/config-map.ts'
import { podKind } from '../../apis/core/pod.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { limits } from '../limits.ts'
import { createObjectEncoder } from '../registry/encode.ts'
import { createEncodedCache } from '../registry/encoded-cache.ts'
import { encodeStored } from '../registry/stored-object.ts'
import { createResourceCatalog, type Resource } from '../resources.ts'
import { jsonList } from './json-pieces.ts'
import { createPieceBuffers } from './piece-buffers.ts'
import { createTablePrinter, expectedRowBytes, type IncludeObject } from './table.ts'

let now = Date.parse('2026-01-01T00:01:00Z')
const clock: Clock = { ...systemClock(), now: () => now }
const buffers = createPieceBuffers(limits.listChunkBytes, 1)
const table = createTablePrinter(createObjectEncoder(createEncodedCache(1000), true), buffers, clock, true)

const resourceOf = (kind: Kind): Resource =>
  createResourceCatalog([kind]).find(kind.group, kind.version, kind.resource) ?? assert.fail('not served')

const managedFields = [{ manager: 'm"{', operation: 'Update', fieldsV1: { 'f:data': {} } }] as unknown as ManagedFieldsEntry[]

function stored(kind: Kind, name: string, fields: object): StoredVersion {
  const metadata = { name, namespace: 'default', uid: `${name}-1`, creationTimestamp: '2026-01-01T00:00:00Z' }
  const value = encodeStored(kind, { metadata, ...fields } as KubernetesObject, managedFields)
  return { key: name, value, revision: 7, createRevision: 7, memo: undefined }
}

interface Table {
  readonly kind: string
  readonly apiVersion: string
  readonly rows: { readonly cells: unknown[]; readonly object: (KubernetesObject & { kind: string; apiVersion: string }) | null }[]
}

const negotiatedAs = (transformVersion: 'v1' | 'v1beta1') => ({ media: 'json', as: 'Table', transformVersion, pretty: false }) as const

function printed(
  resource: Resource,
  versions: readonly StoredVersion[],
  include: IncludeObject = 'None',
  transformVersion: 'v1' | 'v1beta1' = 'v1',
): Table {
  const negotiated = negotiatedAs(transformVersion)
  const write = table.rows(resource, negotiated, include)
  const head = table.head(resource, negotiated, '{}')
  return JSON.parse(
    Buffer.concat([...jsonList(buffers, head, versions, expectedRowBytes, (out, one) => write(out, one, one.revision))]).toString(),
  )
}

const cellsOf = (resource: Resource, version: StoredVersion) => printed(resource, [version]).rows[0]?.cells

describe('rows of tables', () => {
  const resource = resourceOf(configMapKind)

  it('hold nothing, metadata or the whole object beside the cells', () => {
    const version = stored(configMapKind, 'one', { data: { a: '{"é"}' } })
    assert.equal(printed(resource, [version], 'None').rows[0]?.object, null)
    for (const transformVersion of ['v1', 'v1beta1'] as const) {
      const { kind, apiVersion, rows } = printed(resource, [version, version], 'Metadata', transformVersion)
      assert.deepEqual([kind, apiVersion, rows.length], ['Table', `meta.k8s.io/${transformVersion}`, 2])
      const { object } = rows[1] ?? assert.fail('a row is missing')
      assert.deepEqual([object?.kind, object?.apiVersion], ['PartialObjectMetadata', `meta.k8s.io/${transformVersion}`])
      assert.deepEqual(Object.keys(object ?? {}), ['kind', 'apiVersion', 'metadata'])
      assert.deepEqual(object?.metadata, {
        resourceVersion: '7',
        name: 'one',
        namespace: 'default',
        uid: 'one-1',
        creationTimestamp: '2026-01-01T00:00:00Z',
        managedFields,
      })
    }
    const { object } = printed(resource, [version], 'Object').rows[0] ?? assert.fail('a row is missing')
    assert.deepEqual(
      { ...object, metadata: object?.metadata.resourceVersion },
      { kind: 'ConfigMap', apiVersion: 'v1', metadata: '7', data: { a: '{"é"}' } },
    )
  })

  it('of one object make a table, with the revision that is asked for', () => {
    const version = stored(configMapKind, 'one', {})
    const single = JSON.parse(table.single(resource, negotiatedAs('v1'), new URLSearchParams(), version, 9, true).toString())
    assert.deepEqual([single.metadata, single.rows[0].object.metadata.resourceVersion], [{ resourceVersion: '9' }, '9'])
    const later = table.single(resource, negotiatedAs('v1'), new URLSearchParams('includeObject=None'), version, 9, false)
    assert.deepEqual(JSON.parse(later.toString()).columnDefinitions, [])
  })

  it('grow older while all else is printed once', () => {
    const version = stored(configMapKind, 'one', { data: { a: '1' } })
    assert.deepEqual(cellsOf(resource, version), ['one', 1, '60s'])
    now += 3_600_000
    assert.deepEqual(cellsOf(resource, version), ['one', 1, '61m'])
    now -= 3_600_000
  })

  it('say since when a pod was last started again', () => {
    const status = (restartCount: number) => ({
      phase: 'Running',
      containerStatuses: [
        { name: 'c', ready: true, restartCount, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:00:30Z' } } },
      ],
    })
    const pod = (name: string, restartCount: number) =>
      stored(podKind, name, { spec: { containers: [{ name: 'c' }] }, status: status(restartCount) })
    const rows = printed(resourceOf(podKind), [pod('a', 2), pod('b', 0)]).rows.map(({ cells }) => [cells[0], cells[3], cells[4]])
    assert.deepEqual(rows, [
      ['a', '2 (30s ago)', '60s'],
      ['b', '0', '60s'],
    ])
  })

  const withColumns = (...cells: Cell[]): Resource => {
    const columns = cells.map((cell, index): Column => ({ ...nameColumn, name: `c${index}`, cell: () => cell }))
    return { ...resource, served: { ...resource.served, columns } }
  }

  it('may begin and end with ages, and keep every character', () => {
    const since = timeSince('2026-01-01T00:00:00Z', '"é\n', '\\字')
    const version = stored(configMapKind, 'one', {})
    assert.deepEqual(cellsOf(withColumns(since, since, 'ü"', null, since), version), [
      '"é\n60s\\字',
      '"é\n60s\\字',
      'ü"',
      null,
      '"é\n60s\\字',
    ])
    assert.deepEqual(cellsOf(withColumns(), version), [])
  })

  it('follow the columns of a definition that has changed', () => {
    const version = stored(configMapKind, 'one', {})
    assert.deepEqual(cellsOf(withColumns('before', 1), version), ['before', 1])
    assert.deepEqual(cellsOf(withColumns('after'), version), ['after'])
  })
})
