import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** What the conformance programme asks of two nodes: which pods they take, and when pods have to go. */

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

describe('two nodes, as the conformance programme uses them', async () => {
  const { send } = await sharedLibraryCluster({ nodes: 2 })
  const pods = '/api/v1/namespaces/default/pods'
  const get = async (path: string): Promise<Any> => (await send('GET', path)).json
  const until = (what: string, path: string, passes: (object: Any) => boolean) => eventually(what, 15_000, () => get(path), passes)
  const merge = (path: string, body: object) => send('PATCH', path, { body, headers: { 'content-type': 'application/merge-patch+json' } })
  const run = async (name: string, spec: object = {}, container: object = {}, metadata: object = {}): Promise<void> => {
    const body = {
      metadata: { name, ...metadata },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'i', ...container }], ...spec },
    }
    const made = await send('POST', pods, { body })
    assert.equal(made.status, 201, made.text)
  }
  const runs = (name: string) => until(`${name} runs`, `${pods}/${name}`, ({ status }) => status?.phase === 'Running')
  const waits = (name: string, why: RegExp) =>
    until(`${name} waits`, `${pods}/${name}`, ({ status }) =>
      status?.conditions?.some((one: Any) => one.type === 'PodScheduled' && one.reason === 'Unschedulable' && why.test(one.message)),
    )
  await until('the service account is there', '/api/v1/namespaces/default/serviceaccounts/default', ({ kind }) => kind === 'ServiceAccount')
  await until('nodes are ready', '/api/v1/nodes', ({ items }) =>
    items.every(({ status }: Any) => status.conditions?.some((one: Any) => one.type === 'Ready' && one.status === 'True')),
  )

  it('a resource that only the cluster knows is counted, and who matters more takes it', async () => {
    const resource = 'example.com/berth'
    for (const name of ['node-1', 'node-2']) {
      await merge(`/api/v1/nodes/${name}/status`, { status: { capacity: { [resource]: '5' } } })
      await until(`pods can have what ${name} has`, `/api/v1/nodes/${name}`, ({ status }) => status.allocatable[resource] === '5')
    }
    const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
    for (const [name, value] of [
      ['minor', 1],
      ['major', 100],
    ] as const)
      assert.equal((await send('POST', classes, { body: { metadata: { name }, value } })).status, 201)
    const resources = { requests: { [resource]: '3' }, limits: { [resource]: '3' } }
    const metadata = { finalizers: ['example.com/seen'] }
    const minors = ['minor-1', 'minor-2']
    for (const name of minors) await run(name, { priorityClassName: 'minor' }, { resources }, metadata)
    for (const name of minors) await runs(name)
    await run('major', { priorityClassName: 'major' }, { resources })
    const marked = async () =>
      (await Promise.all(minors.map(name => get(`${pods}/${name}`)))).filter(({ metadata: one }) => one.deletionTimestamp)
    const [victim] = await eventually('one of them goes', 15_000, marked, found => found.length === 1)
    const disrupted = victim.status.conditions.find(({ type }: Any) => type === 'DisruptionTarget')
    assert.deepEqual([disrupted.status, disrupted.reason], ['True', 'PreemptionByScheduler'])
    for (const name of minors) await merge(`${pods}/${name}`, { metadata: { finalizers: null } })
    await runs('major')
    await merge('/api/v1/nodes/node-1/status', { status: { capacity: { [resource]: null } } })
    await until('and no more when it is gone', '/api/v1/nodes/node-1', ({ status }) => status.allocatable[resource] === undefined)
    const { capacity, allocatable } = (await get('/api/v1/nodes/node-1')).status
    assert.deepEqual(allocatable, capacity)
  })

  it('a port of a node is taken once for each address and protocol', async () => {
    const onFirst = { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } }
    const port = (hostIP: string, protocol = 'TCP') => ({ ports: [{ containerPort: 80, hostPort: 54_321, hostIP, protocol }] })
    await run('port-1', onFirst, port('127.0.0.1'))
    await run('port-2', onFirst, port('127.0.0.2'))
    await run('port-3', onFirst, port('127.0.0.2', 'UDP'))
    for (const name of ['port-1', 'port-2', 'port-3']) await runs(name)
    await run('port-4', onFirst, port('0.0.0.0'))
    await waits('port-4', /free ports/)
  })

  it('pods leave when they no longer tolerate a taint, and stay when it is taken off before', async () => {
    const evict = { key: 'example.com/evict', value: 'x', effect: 'NoExecute' }
    const tolerations = (tolerationSeconds: number) => [{ ...evict, operator: 'Equal', tolerationSeconds }]
    const place = { nodeName: 'node-2' }
    await run('brief', { ...place, tolerations: tolerations(1) })
    await run('patient', { ...place, tolerations: tolerations(300) })
    for (const name of ['brief', 'patient']) await runs(name)
    await merge('/api/v1/nodes/node-2', { spec: { taints: [evict] } })
    await until('the first goes', `${pods}/brief`, ({ code }) => code === 404)
    await merge('/api/v1/nodes/node-2', { spec: { taints: null } })
    assert.equal((await get(`${pods}/patient`)).metadata.deletionTimestamp, undefined)
  })
})
