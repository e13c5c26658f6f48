import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { nodeKind } from '../../apis/core/node.ts'
import { podKind } from '../../apis/core/pod.ts'
import { silentLogger } from '../../base/index.ts'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import type { Outgoing } from '../outgoing/index.ts'
import type { ComputedRequest, StoredObjects } from '../types.ts'
import { resourceMetrics } from './resource-metrics.ts'
import { createUsageReadings, readSummary } from './usage-readings.ts'

const cpu = (usageNanoCores?: number) => ({ time: 'x', usageCoreNanoSeconds: 1, ...(usageNanoCores !== undefined && { usageNanoCores }) })
const memory = (workingSetBytes: number) => ({ workingSetBytes })
const podStats = (name: string, ...rates: readonly (number | undefined)[]) => ({
  podRef: { namespace: 'shop', name, uid: 'u' },
  containers: rates.map((rate, index) => ({ name: `c${index}`, cpu: cpu(rate), memory: memory(2048 * (index + 1)) })),
})

describe('a summary', () => {
  it('is read as far as it has rates', () => {
    const pods = [podStats('web', 5, 6), podStats('new', 5, undefined), podStats('empty'), { podRef: {} }, 'nonsense']
    assert.deepEqual(readSummary({ node: { cpu: cpu(7), memory: memory(1024) }, pods }, 10, 20), {
      takenAt_ms: 10,
      window_ms: 20,
      node: { cpu_nanocores: 7, memory_bytes: 1024 },
      pods: [
        {
          namespace: 'shop',
          name: 'web',
          containers: [
            { name: 'c0', cpu_nanocores: 5, memory_bytes: 2048 },
            { name: 'c1', cpu_nanocores: 6, memory_bytes: 4096 },
          ],
        },
      ],
    })
  })
  it('may be anything', () => assert.deepEqual(readSummary('x', 1, 2), { takenAt_ms: 1, window_ms: 2, node: undefined, pods: [] }))
})

const node = (name: string, host: string) => ({
  metadata: { name, labels: { zone: name } },
  status: { addresses: [{ type: 'InternalIP', address: host }] },
})

function world() {
  const clock = createManualClock()
  const asked: string[] = []
  const outgoing = {
    async call({ at }: { readonly at: { readonly url: string } }) {
      asked.push(at.url)
      if (at.url.includes('10.0.0.9')) throw new Error('no route to host')
      const document = { node: { cpu: cpu(7), memory: memory(1024) }, pods: [podStats('web', 5), podStats('gone', 5)] }
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(document)) }
    },
  } as unknown as Outgoing
  const clientCertificate = { certificate: '', key: '' }
  const readings = createUsageReadings({ outgoing, clientCertificate, certificateAuthority: '', clock, logger: silentLogger })
  const stored: Record<string, readonly object[]> = {
    nodes: [node('one', '10.0.0.1'), node('away', '10.0.0.9'), node('pretends', '10.0.0.3')],
    pods: [{ metadata: { namespace: 'shop', name: 'web', labels: { app: 'web' } } }],
  }
  const objects = {
    kind: (_group: string, resource: string) => (resource === 'nodes' ? nodeKind : podKind),
    list: (kind: { readonly resource: string }) => stored[kind.resource],
  } as unknown as StoredObjects
  const readers = resourceMetrics({ readings, isSimulated: ({ metadata }) => metadata.name === 'pretends' })
  const context = { signal: new AbortController().signal }
  const read = (kind: 'NodeMetrics' | 'PodMetrics') => {
    const reading = readers[kind]?.({ context, namespace: '', objects } as unknown as ComputedRequest)
    return reading as Promise<readonly KubernetesObject[]>
  }
  return { clock, asked, read }
}

describe('what is used', () => {
  it('is asked of kubelets that are there: twice at first, to know a rate, and then no more than needed', async () => {
    const { clock, asked, read } = world()
    const both = Promise.all([read('NodeMetrics'), read('PodMetrics')])
    await clock.advance(1000)
    const [nodes, pods] = await both
    const [{ metadata, ...used }] = nodes as [KubernetesObject]
    assert.equal(nodes.length, 1)
    assert.deepEqual([metadata.name, metadata.labels], ['one', { zone: 'one' }])
    assert.deepEqual({ ...used, timestamp: '' }, { timestamp: '', window: '1s', usage: { cpu: '7n', memory: '1Ki' } })
    assert.equal(pods.length, 1, 'a pod that is gone is not shown')
    const [pod] = pods as [KubernetesObject & { readonly containers: unknown }]
    assert.deepEqual(
      [pod.metadata.name, pod.metadata.labels, pod.containers],
      ['web', { app: 'web' }, [{ name: 'c0', usage: { cpu: '5n', memory: '2Ki' } }]],
    )
    const first = 'https://10.0.0.1:10250'
    assert.deepEqual(asked.filter(url => url === first).length, 2)
    await clock.advance(15_000)
    const [again] = (await read('NodeMetrics')) as readonly (KubernetesObject & { readonly window: string })[]
    assert.equal(again?.window, '15s')
    assert.equal(asked.filter(url => url === first).length, 3)
  })
})
