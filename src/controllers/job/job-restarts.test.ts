import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type JobSpec, jobKind } from '../../apis/batch/job.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { seededRandom } from '../../base/index.ts'
import type { RunningControllers } from '../index.ts'
import { fastClock, openTestCluster } from '../testing/cluster.test-support.ts'
import { runSimulatedKubelet } from '../testing/simulated-kubelet.test-support.ts'

/**
 * Controllers die before or after writes at random, and others take over; pods fail at random. Whatever happens, each pod
 * is counted once, and no more are active than allowed.
 */
async function sail(seed: number, shape: Partial<JobSpec>): Promise<void> {
  const random = seededRandom(seed)
  const clock = fastClock(20_000)
  const cluster = await openTestCluster({ clock })
  const ends = new Map<string, 'Succeeded' | 'Failed'>()
  const kubelet = runSimulatedKubelet(cluster.client, clock, pod => {
    const uid = pod.metadata.uid as string
    if (!ends.has(uid)) ends.set(uid, random.next() < 0.3 ? 'Failed' : 'Succeeded')
    return { exitCode: ends.get(uid) === 'Failed' ? 1 : 0 }
  })
  const isActive = (pod: Pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && !pod.metadata.deletionTimestamp
  let mostActive = 0
  const pods = cluster.client.informer(podKind)
  const stop = pods.onChange(() => {
    mostActive = Math.max(mostActive, pods.list('default').filter(isActive).length)
  })

  let running: RunningControllers | undefined
  let restarts = 0
  let closing: Promise<void> | undefined
  let ended = false
  const start = () => {
    let dead = false
    running = cluster.start({
      interrupt(write) {
        if (!dead && (restarts >= 25 || !/jobs|pods/.test(write) || random.next() > 0.15)) return
        // From here on nothing of this generation gets through, as of a process that was killed.
        if (!dead) {
          dead = true
          restarts++
          closing = replace()
        }
        throw new Error(`killed ${write}`)
      },
    })
  }
  const replace = async () => {
    const former = running
    await Promise.resolve()
    await former?.close()
    if (!ended) start()
  }
  start()

  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'one' }] } }
  const spec = { completions: 8, parallelism: 3, backoffLimit: 1000, template, ...shape } as JobSpec
  await cluster.client.create(jobKind, { metadata: { name: 'job', namespace: 'default' }, spec })
  const isOver = (type: string) =>
    cluster.client
      .informer(jobKind)
      .get('default', 'job')
      ?.status?.conditions?.some(one => one.type === type)
  await cluster.until(jobKind, () => isOver('Complete') === true, `the end of the job of seed ${seed} after ${restarts} restarts`)
  ended = true
  await closing
  await running?.close()

  const { status } = await cluster.client.get(jobKind, 'default', 'job')
  const all = pods.list('default')
  const failed = all.filter(pod => pod.status?.phase === 'Failed').length
  const succeeded = all.filter(pod => pod.status?.phase === 'Succeeded')
  assert.deepEqual([status?.succeeded, status?.failed ?? 0], [8, failed], `seed ${seed}: counts after ${restarts} restarts`)
  if (spec.completionMode !== 'Indexed') assert.equal(succeeded.length, 8, `seed ${seed}: pods that succeeded`)
  assert.ok(mostActive <= 3, `seed ${seed}: ${mostActive} pods were active at a time`)
  assert.ok(restarts > 0, `seed ${seed} restarted nothing`)
  stop()
  await kubelet.close()
  await cluster.close()
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  it(`counts each pod of a job once, whenever controllers die (seed ${seed})`, () => sail(seed, {}))
  it(`does so for indexes too (seed ${seed})`, () => sail(seed, { completionMode: 'Indexed' }))
}
