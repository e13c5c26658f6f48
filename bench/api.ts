/**
 * Loads any Kubernetes API server, given a kubeconfig, phase by phase; progress goes to stderr, one JSON object to stdout.
 * `node bench/api.ts --kubeconfig FILE [--pids apiserver=PID,etcd=@FILE] [--scale 0.2] [--phases cm,pods,get,list,watch,patch]`
 * `node bench/api.ts --kubeconfig FILE --phases custom,definitions,crowd`
 * `node bench/api.ts --kubeconfig FILE --phases sched [--nodes 1000] [--pods 5000] [--concurrency 32]`
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/base/index.ts'
import { type Api, contextOf, expectObject, openApi } from './load/api.ts'
import { createBench, pause, type Recorder } from './load/bench.ts'
import { drive } from './load/drive.ts'
import { collection } from './load/objects.ts'
import { parseProcesses } from './load/process-usage.ts'
import { changeObjects } from './phases/change.ts'
import { createConfigMaps, createPods } from './phases/create.ts'
import { crowdOfWatchers } from './phases/crowd.ts'
import { compareCustomKind, manyDefinitions } from './phases/custom.ts'
import { getObjects } from './phases/get.ts'
import { listPods } from './phases/list.ts'
import { schedulePods } from './phases/schedule.ts'
import { watchUpdates } from './phases/watch.ts'

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string', default: process.env.KUBECONFIG ?? '' },
    pids: { type: 'string', default: '' },
    scale: { type: 'string', default: '1' },
    sessions: { type: 'string', default: '8' },
    phases: { type: 'string', default: 'cm,pods,get,list,watch,patch' },
    nodes: { type: 'string', default: '1000' },
    pods: { type: 'string', default: '5000' },
    concurrency: { type: 'string', default: '32' },
    out: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const clock = systemClock()
const api = await openApi(await contextOf(values.kubeconfig), clock, Number(values.sessions))
const bench = createBench({
  api,
  clock,
  processes: parseProcesses(values.pids),
  scale: Number(values.scale),
  tag: `b${clock.now().toString(36)}`,
  report: line => void process.stderr.write(`${line}\n`),
})
try {
  const { gitVersion } = await expectObject<{ gitVersion: string }>('read the version', api.send('GET', '/version'))
  const rss_before = bench.memory()
  await drive(clock, 50, 4, () => api.send('GET', '/api/v1/namespaces/default'))
  await runPhases(bench, new Set(values.phases.split(',')))
  if (!values.keep) await bench.phase('cleanup', () => removeNamespaces(bench, api))
  await pause(clock, 2000)
  const result = {
    server: api.server,
    version: gitVersion,
    scale: Number(values.scale),
    node: process.version,
    rss_before,
    phases: bench.phases,
    rss_end: bench.memory(),
  }
  const text = JSON.stringify(result)
  if (values.out) writeFileSync(values.out, `${text}\n`)
  process.stdout.write(`${text}\n`)
} finally {
  api.close()
}

async function runPhases(bench: Recorder, phases: ReadonlySet<string>): Promise<void> {
  if (phases.has('cm')) await createConfigMaps(bench)
  const count = bench.scaled(10_000)
  const path = phases.has('pods') || phases.has('list') ? await createPods(bench, count) : undefined
  if (phases.has('get')) await getObjects(bench, path === undefined ? undefined : { path, count })
  if (phases.has('list') && path !== undefined) await listPods(bench, path)
  if (phases.has('watch')) await watchUpdates(bench)
  if (phases.has('crowd')) await crowdOfWatchers(bench)
  if (phases.has('patch')) await changeObjects(bench)
  if (phases.has('custom')) await compareCustomKind(bench)
  if (phases.has('definitions')) await manyDefinitions(bench)
  if (!phases.has('sched')) return
  await schedulePods(bench, { nodes: Number(values.nodes), pods: Number(values.pods), concurrency: Number(values.concurrency) })
}

async function removeNamespaces({ namespaces }: Recorder, api: Api): Promise<Record<string, unknown>> {
  for (const namespace of namespaces) {
    for (const resource of ['configmaps', 'pods']) {
      await api.send('DELETE', `${collection(namespace, resource)}?gracePeriodSeconds=0`, { discard: true })
    }
    await api.send('DELETE', `/api/v1/namespaces/${namespace}`)
  }
  return { namespaces: namespaces.length }
}
