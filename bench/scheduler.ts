/**
 * The scheduler against the API server in one process, stores in memory: how long until all pods have a node, how long
 * one pod waits, and what a decision costs. `node bench/scheduler.ts [nodes] [pods]`
 */
import { podKind } from '../src/apis/core/pod.ts'
import { seededRandom } from '../src/base/index.ts'
import { openSchedulingCluster, type SchedulingCluster } from '../src/scheduler/cluster.test-support.ts'
import { type PodParts, testCluster, testNode, testPod } from '../src/scheduler/objects.test-support.ts'
import { filterPlugins, scorePlugins } from '../src/scheduler/plugins/index.ts'
import { describePod } from '../src/scheduler/pod-info.ts'
import { schedulePod } from '../src/scheduler/schedule-pod.ts'

const nodeCount = Number(process.argv[2] ?? 1000)
const podCount = Number(process.argv[3] ?? 5000)
const amounts = { cpu: '16', memory: '64Gi', pods: '110' }
const nodeAt = (index: number) => testNode(`node-${index}`, { allocatable: amounts, labels: { [zone]: `zone-${index % 3}` } })
const zone = 'topology.kubernetes.io/zone'
const requests = { cpu: '100m', memory: '128Mi' }
const podAt = (index: number) => testPod(`pod-${index}`, { requests, labels: { app: `app-${index % 50}` } })
const report = (what: string, figure: string) => console.log(`${what.padEnd(44)} ${figure}`)

/** Resolves when so many pods have a node. */
function allBound({ client }: SchedulingCluster, count: number): Promise<void> {
  let bound = 0
  return new Promise(resolve => {
    client.informer(podKind).onChange((old, current) => {
      if (!old?.spec?.nodeName && current?.spec?.nodeName && ++bound === count) resolve()
    })
  })
}

async function inBatches(count: number, run: (index: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < count; first += 500) {
    await Promise.all(Array.from({ length: Math.min(500, count - first) }, (_, index) => run(first + index)))
  }
}

const cpu_ms = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function endToEnd(): Promise<void> {
  const cluster = await openSchedulingCluster({ freezeObjects: false })
  await inBatches(nodeCount, index => cluster.addNode(nodeAt(index)))
  await inBatches(podCount, index => cluster.addPod(podAt(index)))
  const done = allBound(cluster, podCount)
  const [start_ms, startCpu_ms] = [performance.now(), cpu_ms()]
  cluster.startScheduler()
  await done
  const [elapsed_ms, used_ms] = [performance.now() - start_ms, cpu_ms() - startCpu_ms]
  report(
    `${podCount} pods on ${nodeCount} nodes, all bound`,
    `${elapsed_ms.toFixed(0)} ms, ${Math.round((podCount / elapsed_ms) * 1000)} pods/s`,
  )
  report('processor time for each pod, binding included', `${(used_ms / podCount).toFixed(3)} ms`)
  await single(cluster)
  await cluster.close()
}

async function single(cluster: SchedulingCluster): Promise<void> {
  const waits_ms: number[] = []
  for (let index = 0; index < 100; index++) {
    const name = `single-${index}`
    const began_ms = performance.now()
    await cluster.addPod({ ...podAt(0), metadata: { name, namespace: 'default' } })
    await cluster.pod(name, pod => Boolean(pod.spec?.nodeName))
    waits_ms.push(performance.now() - began_ms)
  }
  waits_ms.sort((left, right) => left - right)
  report('one pod, from create to bound', `p50 ${(waits_ms[50] ?? 0).toFixed(2)} ms, p99 ${(waits_ms[98] ?? 0).toFixed(2)} ms`)
}

function decisions(what: string, partsAt: (index: number) => PodParts): void {
  const cluster = testCluster(Array.from({ length: nodeCount }, (_, index) => nodeAt(index)))
  const search = { next: 0, random: seededRandom(1).next }
  const profile = { filters: filterPlugins, scores: scorePlugins }
  const start_ms = performance.now()
  for (let index = 0; index < podCount; index++) {
    const info = describePod(testPod(`pod-${index}`, { requests, ...partsAt(index) }))
    const placement = schedulePod(info, cluster, profile, search)
    if (!placement.fits) throw new Error(`pod ${index} fits nowhere`)
    cluster.table.addPod(cluster.table.names[placement.slot] as string, info)
  }
  const each_us = ((performance.now() - start_ms) / podCount) * 1000
  report(`one decision without the API, ${what}`, `${each_us.toFixed(0)} us`)
}

const labelsAt = (index: number) => ({ app: `app-${index % 50}` })
const sameApp = (index: number) => ({ labelSelector: { matchLabels: labelsAt(index) } })
const spreadAt = (index: number): PodParts => ({
  labels: labelsAt(index),
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule', ...sameApp(index) }],
})
const aloneAt = (index: number): PodParts => ({
  labels: labelsAt(index),
  affinity: {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', ...sameApp(index) }] },
  },
})

decisions('plain pods', index => ({ labels: labelsAt(index) }))
decisions('spread over zones', spreadAt)
decisions('alone on their nodes', aloneAt)
await endToEnd()
