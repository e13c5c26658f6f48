/**
 * How long pods take on real nodes, the image being there: from create to Running one by one, by kubectl run, and many at once.
 * `node bench/pod-start.ts --kubeconfig FILE [--image docker.io/library/busybox:1.35] [--count 20] [--burst 30] [--kubectl] [--pids ...]`
 */
import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { systemClock } from '../src/base/index.ts'
import { contextOf, openApi } from './load/api.ts'
import { makeNamespace, pause } from './load/bench.ts'
import { type PodWatch, watchPods } from './load/pod-watch.ts'
import { cpuSeconds, machineBusySeconds, parseProcesses } from './load/process-usage.ts'
import { rounded, summarize } from './load/statistics.ts'

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string', default: process.env.KUBECONFIG ?? '' },
    image: { type: 'string', default: 'docker.io/library/busybox:1.35' },
    count: { type: 'string', default: '20' },
    burst: { type: 'string', default: '30' },
    pids: { type: 'string', default: '' },
    kubectl: { type: 'boolean', default: false },
  },
})
const clock = systemClock()
const processes = parseProcesses(values.pids)
const api = await openApi(await contextOf(values.kubeconfig), clock)
const namespace = `ps${clock.now().toString(36)}`
const path = `/api/v1/namespaces/${namespace}/pods`
const command = ['sleep', '3600']

await makeNamespace(api, clock, namespace)
const pods = await watchPods(api, clock, namespace)
try {
  await createPod('warm')
  await pods.running('warm')
  await pause(clock, 2000)
  const sequential_api_ms = await accounted(() => oneByOne(pods, 'api', createPod))
  const sequential_kubectl_run_ms = values.kubectl ? await accounted(() => oneByOne(pods, 'kubectl', kubectlRun)) : undefined
  await pause(clock, 2000)
  const burst = await accounted(() => allAtOnce(pods, Number(values.burst)))
  process.stdout.write(`${JSON.stringify({ sequential_api_ms, sequential_kubectl_run_ms, burst })}\n`)
} finally {
  await api.send('DELETE', `/api/v1/namespaces/${namespace}`)
  pods.close()
  api.close()
}

async function createPod(name: string): Promise<void> {
  const container = { name: 'c', image: values.image, imagePullPolicy: 'IfNotPresent', command }
  const spec = { terminationGracePeriodSeconds: 0, restartPolicy: 'Never', containers: [container] }
  const { status, body } = await api.send('POST', path, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec } })
  if (status !== 201) throw new Error(`create pod ${name}: answered ${status} ${body}`)
}

async function kubectlRun(name: string): Promise<void> {
  const pod = ['run', name, `--image=${values.image}`, '--image-pull-policy=IfNotPresent', '--restart=Never', '--', ...command]
  await promisify(execFile)(process.env.KUBECTL ?? 'kubectl', ['--kubeconfig', values.kubeconfig, '-n', namespace, ...pod])
}

async function oneByOne(pods: PodWatch, prefix: string, start: (name: string) => Promise<void>) {
  const started_ms: number[] = []
  const request_ms: number[] = []
  const deleted_ms: number[] = []
  for (let index = 0; index < Number(values.count); index++) {
    const name = `${prefix}-${index}`
    const began = clock.monotonic()
    await start(name)
    request_ms.push(clock.monotonic() - began)
    started_ms.push((await pods.running(name)) - began)
    await pause(clock, 200)
    const ended = clock.monotonic()
    await api.send('DELETE', `${path}/${name}?gracePeriodSeconds=0`)
    deleted_ms.push((await pods.gone(name)) - ended)
  }
  return { ...summarize(started_ms), request_ms: summarize(request_ms), delete_ms: summarize(deleted_ms) }
}

async function allAtOnce(pods: PodWatch, count: number) {
  const names = Array.from({ length: count }, (_, index) => `burst-${index}`)
  const began = clock.monotonic()
  await Promise.all(names.map(createPod))
  const created_ms = clock.monotonic() - began
  const running = await Promise.all(names.map(name => pods.running(name)))
  const each = running.map(time => time - began)
  await pause(clock, 2000)
  const ended = clock.monotonic()
  await api.send('DELETE', path)
  const gone = await Promise.all(names.map(name => pods.gone(name)))
  return {
    n: count,
    create_ms: rounded(created_ms, 0),
    all_running_ms: rounded(Math.max(...each), 0),
    each: summarize(each),
    all_deleted_ms: rounded(Math.max(...gone) - ended, 0),
  }
}

/** With the CPU seconds that the named processes and the whole machine spent meanwhile. */
async function accounted<T extends object>(run: () => Promise<T>): Promise<T & { cpu_s: Record<string, number>; machine_cpu_s: number }> {
  const spent = () => Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)] as const)
  const before = new Map(spent())
  const busy = machineBusySeconds()
  const figures = await run()
  const cpu_s = Object.fromEntries(spent().map(([name, value]) => [name, rounded(value - (before.get(name) ?? 0))]))
  return { ...figures, cpu_s, machine_cpu_s: rounded(machineBusySeconds() - busy) }
}
