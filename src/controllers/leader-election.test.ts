import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type JobSpec, jobKind } from '../apis/batch/job.ts'
import { podKind } from '../apis/core/pod.ts'
import { systemRandom } from '../base/index.ts'
import { runLeaderElection } from '../client/index.ts'
import { fastClock, openTestCluster } from './testing/cluster.test-support.ts'
import { runSimulatedKubelet } from './testing/simulated-kubelet.test-support.ts'

/** Two sets of controllers at one API: one leads, is killed in the middle of its work, and the other finishes it. */
it('two sets of controllers do no work twice when the leader is killed', async () => {
  const clock = fastClock(20)
  const cluster = await openTestCluster({ clock })
  const kubelet = runSimulatedKubelet(cluster.client, clock, () => ({ exitCode: 0 }))
  const writes: string[] = []
  const killed = new Set<string>()
  let budget = 25

  const candidate = (identity: string) => {
    const client = cluster.clientAs('leader-election-controller')
    return runLeaderElection({
      client: refusing(client, () => killed.has(identity)),
      leaseNamespace: 'kube-system',
      leaseName: 'kube-controller-manager',
      identity,
      clock,
      random: systemRandom(),
      async onStartedLeading(signal) {
        const controllers = cluster.start({
          interrupt(write) {
            if (/jobs|pods/.test(write) && write.startsWith('after') && !killed.has(identity)) {
              writes.push(identity)
              if (budget-- === 0) killed.add(identity)
            }
            if (killed.has(identity)) throw new Error(`${identity} was killed ${write}`)
          },
        })
        if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
        await controllers.close()
      },
    })
  }
  const candidates = [candidate('first'), candidate('second')]

  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'one' }] } }
  const spec = { completions: 20, parallelism: 4, template } as JobSpec
  await cluster.client.create(jobKind, { metadata: { name: 'job', namespace: 'default' }, spec })
  const isComplete = () =>
    cluster.client
      .informer(jobKind)
      .get('default', 'job')
      ?.status?.conditions?.some(({ type }) => type === 'Complete') ?? false
  await cluster.until(jobKind, isComplete, 'the end of the job')

  const { status } = await cluster.client.get(jobKind, 'default', 'job')
  assert.deepEqual([status?.succeeded, status?.failed ?? 0], [20, 0])
  assert.equal((await cluster.client.list(podKind, 'default')).items.length, 20)
  assert.equal(killed.size, 1)
  const [former] = killed
  const later = writes.slice(writes.lastIndexOf(former as string) + 1)
  assert.equal(new Set(writes.slice(0, writes.length - later.length)).size, 1, 'nobody wrote beside the leader')
  assert.ok(later.length > 0 && !later.includes(former as string), 'the other finished')
  await Promise.all(candidates.map(one => one.close()))
  await kubelet.close()
  await cluster.close()
})

type TestClient = ReturnType<Awaited<ReturnType<typeof openTestCluster>>['clientAs']>

/** The client of a process that can be killed: after that it reaches nothing. */
function refusing(client: TestClient, isKilled: () => boolean): TestClient {
  const whileAlive =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      if (isKilled()) throw new Error('the process was killed')
      return call(...given)
    }
  return { ...client, get: whileAlive(client.get), create: whileAlive(client.create), update: whileAlive(client.update) } as TestClient
}
