import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { KubernetesObject } from '../apimachinery/meta.ts'
import { controllerRevisionKind } from '../apis/apps/controller-revision.ts'
import { daemonSetKind } from '../apis/apps/daemon-set.ts'
import { statefulSetKind } from '../apis/apps/stateful-set.ts'
import { cronJobKind } from '../apis/batch/cron-job.ts'
import { jobKind } from '../apis/batch/job.ts'
import { nodeKind } from '../apis/core/node.ts'
import { persistentVolumeClaimKind } from '../apis/core/persistent-volume-claim.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import { seededRandom } from '../base/index.ts'
import type { RunningControllers } from './index.ts'
import { fastClock, openTestCluster, type TestCluster } from './testing/cluster.test-support.ts'
import { type Fate, runSimulatedKubelet } from './testing/simulated-kubelet.test-support.ts'

/** Controllers die before or after writes at random, and others take over. `story` says what is asked and what must come. */
async function sail(
  seed: number,
  writes: RegExp,
  fate: (pod: Pod) => Fate,
  story: (cluster: TestCluster, seen: (check: (pods: readonly Pod[]) => void) => void) => Promise<void>,
): Promise<void> {
  const random = seededRandom(seed)
  const clock = fastClock(20_000)
  const cluster = await openTestCluster({ clock })
  const kubelet = runSimulatedKubelet(cluster.client, clock, fate)
  const pods = cluster.client.informer(podKind)
  const failures: unknown[] = []
  const seen = (check: (pods: readonly Pod[]) => void) =>
    pods.onChange(() => {
      try {
        check(pods.list('default'))
      } catch (error) {
        failures.push(error)
      }
    })

  let running: RunningControllers | undefined
  let restarts = 0
  let closing: Promise<void> | undefined
  let ended = false
  const start = () => {
    let dead = false
    running = cluster.start({
      interrupt(write) {
        if (!dead && (restarts >= 15 || !writes.test(write) || random.next() > 0.2)) return
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
  await story(cluster, seen)
  ended = true
  await closing
  await running?.close()
  assert.deepEqual(failures, [])
  assert.ok(restarts > 0, `seed ${seed} restarted nothing`)
  await kubelet.close()
  await cluster.close()
}

const ready = (): Fate => 'ready'
const template = (image: string) => ({ metadata: { labels: { app: 'one' } }, spec: { containers: [{ name: 'main', image }] } })
const selector = { matchLabels: { app: 'one' } }
const staying = (pods: readonly Pod[]): readonly Pod[] => pods.filter(pod => !pod.metadata.deletionTimestamp)
const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true && !pod.metadata.deletionTimestamp
const ofImage = (pods: readonly Pod[], image: string): readonly Pod[] => pods.filter(pod => pod.spec?.containers[0]?.image === image)
const names = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata.name).sort()

const statefulSet = (seed: number) =>
  sail(seed, /pods|persistentvolumeclaims|controllerrevisions|statefulsets/, ready, async (cluster, seen) => {
    const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
    await cluster.client.create(statefulSetKind, {
      metadata: { name: 'set', namespace: 'default' },
      spec: { replicas: 3, serviceName: 'set', selector, template: template('one'), volumeClaimTemplates: [claim] },
    })
    const done = (image: string) =>
      cluster.until(
        statefulSetKind,
        all => {
          const { metadata, status } = all.get('default', 'set') ?? { metadata: {} }
          const pods = cluster.client.informer(podKind).list('default').filter(isReady)
          return status?.observedGeneration === metadata.generation && status?.currentReplicas === 3 && ofImage(pods, image).length === 3
        },
        `three pods of ${image} (seed ${seed})`,
      )
    await done('one')
    seen(pods => assert.ok(pods.filter(isReady).length >= 2, `seed ${seed}: ${pods.filter(isReady).length} pods were left`))
    for (const image of ['two', 'one']) {
      await cluster.client.patch(statefulSetKind, 'default', 'set', { type: 'merge', body: { spec: { template: template(image) } } })
      await done(image)
    }
    assert.deepEqual(names(cluster.client.informer(persistentVolumeClaimKind).list('default')), ['data-set-0', 'data-set-1', 'data-set-2'])
    assert.deepEqual(
      cluster.client
        .informer(controllerRevisionKind)
        .list('default')
        .map(({ revision }) => revision)
        .sort(),
      [2, 3],
    )
  })

const daemonSet = (seed: number) =>
  sail(seed, /pods|controllerrevisions|daemonsets/, ready, async (cluster, seen) => {
    for (const name of ['a', 'b', 'c', 'd']) await cluster.client.create(nodeKind, { metadata: { name } })
    for (const name of ['a', 'b', 'c', 'd'])
      await cluster.client.patch(nodeKind, undefined, name, { type: 'merge', body: { spec: { taints: null } } })
    seen(pods => {
      const nodes = staying(pods)
        .map(({ spec }) => spec?.nodeName)
        .filter(Boolean)
      assert.equal(new Set(nodes).size, nodes.length, `seed ${seed}: two pods on a node`)
    })
    await cluster.client.create(daemonSetKind, {
      metadata: { name: 'set', namespace: 'default' },
      spec: { selector, template: template('one') },
    })
    const done = (image: string) =>
      cluster.until(
        daemonSetKind,
        all => {
          const { metadata, status } = all.get('default', 'set') ?? { metadata: {} }
          const pods = cluster.client.informer(podKind).list('default').filter(isReady)
          return (
            status?.observedGeneration === metadata.generation && status?.updatedNumberScheduled === 4 && ofImage(pods, image).length === 4
          )
        },
        `four pods of ${image} (seed ${seed})`,
      )
    await done('one')
    seen(pods => assert.ok(pods.filter(isReady).length >= 3, `seed ${seed}: ${pods.filter(isReady).length} pods were left`))
    await cluster.client.patch(daemonSetKind, 'default', 'set', { type: 'merge', body: { spec: { template: template('two') } } })
    await done('two')
  })

const cronJob = (seed: number) =>
  sail(
    seed,
    /jobs/,
    () => ({ exitCode: 0 }),
    async cluster => {
      const jobTemplate = { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'one' }] } } } }
      await cluster.client.create(cronJobKind, {
        metadata: { name: 'tick', namespace: 'default' },
        spec: { schedule: '0 * * * *', successfulJobsHistoryLimit: 100, jobTemplate },
      })
      const jobs = cluster.client.informer(jobKind)
      const finished = () => jobs.list('default').filter(({ status }) => status?.completionTime)
      await cluster.until(jobKind, () => finished().length >= 4, `four jobs (seed ${seed})`)
      const times = jobs.list('default').map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'])
      assert.equal(new Set(times).size, times.length, `seed ${seed}: a time was used twice`)
      assert.ok(times.every(time => time?.endsWith(':00:00Z')))
    },
  )

for (const seed of [1, 2, 3]) {
  it(`stateful sets keep their promises whenever controllers die (seed ${seed})`, () => statefulSet(seed))
  it(`daemon sets keep their promises whenever controllers die (seed ${seed})`, () => daemonSet(seed))
  it(`cron jobs use each time once whenever controllers die (seed ${seed})`, () => cronJob(seed))
}
