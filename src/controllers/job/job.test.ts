import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { type Job, type JobSpec, jobKind } from '../../apis/batch/job.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import type { RunningControllers } from '../index.ts'
import { fastClock, openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'
import { type Fate, runSimulatedKubelet } from '../testing/simulated-kubelet.test-support.ts'
import { isTracked } from './job-pods.ts'

const clock = fastClock(500)
let cluster: TestCluster
let controllers: RunningControllers
let kubelet: ReturnType<typeof runSimulatedKubelet>
let fateOf: (pod: Pod) => Fate = () => ({ exitCode: 0 })

before(async () => {
  cluster = await openTestCluster({ clock })
  controllers = cluster.start()
  kubelet = runSimulatedKubelet(cluster.client, clock, pod => fateOf(pod))
})
afterEach(() => {
  fateOf = () => ({ exitCode: 0 })
})
after(async () => {
  await kubelet.close()
  await controllers.close()
  await cluster.close()
  assert.deepEqual(cluster.warnings, [])
})

const createJob = (name: string, spec: Partial<JobSpec>): Promise<Job> => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } }
  return cluster.client.create(jobKind, { metadata: { name, namespace: 'default' }, spec: { template, ...spec } as JobSpec })
}
const hasCondition = (job: Job | undefined, type: string) =>
  job?.status?.conditions?.some(condition => condition.type === type && condition.status === 'True') ?? false
const podsOf = (job: string) =>
  cluster.client
    .informer(podKind)
    .list('default')
    .filter(pod => pod.metadata.labels?.['job-name'] === job)

async function jobWith(name: string, type: string): Promise<Job> {
  await cluster.until(jobKind, jobs => hasCondition(jobs.get('default', name), type), `condition ${type} of job ${name}`)
  return cluster.client.get(jobKind, 'default', name)
}
const reasonOf = (job: Job, type: string) => job.status?.conditions?.find(condition => condition.type === type)?.reason

describe('the job controller', () => {
  it('runs as many pods as are asked for and counts each once', async () => {
    await createJob('plain', { completions: 7, parallelism: 3 })
    const job = await jobWith('plain', 'Complete')
    const { succeeded, failed = 0, active = 0, ready, terminating, uncountedTerminatedPods, completionTime } = job.status ?? {}
    assert.deepEqual([succeeded, failed, active, ready, terminating, uncountedTerminatedPods], [7, 0, 0, 0, 0, {}])
    assert.ok(completionTime)
    assert.equal(reasonOf(job, 'SuccessCriteriaMet'), 'CompletionsReached')
    assert.equal(podsOf('plain').length, 7)
    assert.ok(!podsOf('plain').some(isTracked))
  })

  it('replaces failed pods and gives up at the backoff limit', async () => {
    fateOf = () => ({ exitCode: 1 })
    await createJob('failing', { backoffLimit: 1 })
    const job = await jobWith('failing', 'Failed')
    assert.equal(reasonOf(job, 'Failed'), 'BackoffLimitExceeded')
    assert.equal(job.status?.failed, 2)
    assert.equal(job.status?.succeeded ?? 0, 0)
  })

  it('gives each index a pod of its own', async () => {
    await createJob('indexed', { completions: 4, parallelism: 2, completionMode: 'Indexed' })
    const job = await jobWith('indexed', 'Complete')
    assert.equal(job.status?.completedIndexes, '0-3')
    const pods = podsOf('indexed').sort((a, b) => (a.metadata.name as string).localeCompare(b.metadata.name as string))
    assert.deepEqual(
      pods.map(pod => pod.spec?.hostname),
      ['indexed-0', 'indexed-1', 'indexed-2', 'indexed-3'],
    )
    assert.deepEqual(
      pods.map(pod => pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index']),
      ['0', '1', '2', '3'],
    )
    const [variable] = pods[0]?.spec?.containers[0]?.env ?? []
    assert.equal(variable?.name, 'JOB_COMPLETION_INDEX')
  })

  it('counts failures of each index apart', async () => {
    fateOf = pod => ({ exitCode: pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'] === '1' ? 1 : 0 })
    await createJob('per-index', { completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 })
    const job = await jobWith('per-index', 'Failed')
    assert.equal(reasonOf(job, 'Failed'), 'FailedIndexes')
    assert.deepEqual([job.status?.completedIndexes, job.status?.failedIndexes], ['0,2', '1'])
    assert.deepEqual([job.status?.succeeded, job.status?.failed], [2, 2])
  })

  it('ends once the success policy is met, giving up what still runs', async () => {
    fateOf = pod => (pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'] === '0' ? { exitCode: 0 } : 'ready')
    const successPolicy = { rules: [{ succeededIndexes: '0' }] }
    await createJob('leader', { completions: 3, parallelism: 3, completionMode: 'Indexed', successPolicy })
    const job = await jobWith('leader', 'Complete')
    assert.equal(reasonOf(job, 'Complete'), 'SuccessPolicy')
    assert.equal(job.status?.completedIndexes, '0')
    assert.deepEqual([job.status?.active ?? 0, job.status?.terminating], [0, 0])
  })

  it('follows the pod failure policy', async () => {
    fateOf = () => ({ exitCode: 42 })
    const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] }
    await createJob('policy', { podFailurePolicy })
    const job = await jobWith('policy', 'Failed')
    assert.equal(reasonOf(job, 'Failed'), 'PodFailurePolicy')
    const [pod] = podsOf('policy')
    const message = `Container main for pod default/${pod?.metadata.name} failed with exit code 42 matching FailJob rule at index 0`
    assert.equal(job.status?.conditions?.find(({ type }) => type === 'Failed')?.message, message)
  })

  it('ignores failures that the policy says to ignore', async () => {
    let failures = 0
    fateOf = () => ({ exitCode: failures++ < 2 ? 7 : 0 })
    const podFailurePolicy = { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [7] } }] }
    await createJob('lenient', { podFailurePolicy, backoffLimit: 0 })
    const job = await jobWith('lenient', 'Complete')
    assert.deepEqual([job.status?.succeeded, job.status?.failed ?? 0], [1, 0])
  })

  it('ends at its deadline', async () => {
    fateOf = () => 'ready'
    await createJob('late', { activeDeadlineSeconds: 5 })
    const job = await jobWith('late', 'Failed')
    assert.equal(reasonOf(job, 'Failed'), 'DeadlineExceeded')
    assert.equal(job.status?.failed, 1)
  })

  it('runs nothing while suspended, and starts anew when resumed', async () => {
    fateOf = () => 'ready'
    await createJob('paused', { parallelism: 2, completions: 2 })
    await cluster.until(jobKind, jobs => jobs.get('default', 'paused')?.status?.ready === 2, 'two ready pods')
    const suspend = (value: boolean) =>
      cluster.client.patch(jobKind, 'default', 'paused', { type: 'merge', body: { spec: { suspend: value } } })
    await suspend(true)
    const suspended = await jobWith('paused', 'Suspended')
    assert.deepEqual([suspended.status?.failed ?? 0, suspended.status?.startTime], [0, undefined])
    await cluster.until(podKind, () => podsOf('paused').length === 0, 'no pods')
    fateOf = () => ({ exitCode: 0 })
    await suspend(false)
    const job = await jobWith('paused', 'Complete')
    assert.deepEqual([job.status?.succeeded, job.status?.failed ?? 0], [2, 0])
    assert.deepEqual(
      job.status?.conditions?.map(({ type, status }) => `${type}=${status}`),
      ['Suspended=False', 'SuccessCriteriaMet=True', 'Complete=True'],
    )
  })

  it('never holds pods of a job that is gone', async () => {
    fateOf = () => 'ready'
    await createJob('gone', { parallelism: 2 })
    await cluster.until(jobKind, jobs => jobs.get('default', 'gone')?.status?.ready === 2, 'two ready pods')
    await cluster.client.delete(jobKind, 'default', 'gone', { propagationPolicy: 'Background' })
    await cluster.until(podKind, () => podsOf('gone').length === 0, 'no pods')
  })

  it('is followed by its own deletion when it says so', async () => {
    await createJob('passing', { ttlSecondsAfterFinished: 60, completions: 2, parallelism: 2 })
    const job = await jobWith('passing', 'Complete')
    await cluster.until(jobKind, jobs => jobs.get('default', 'passing') === undefined, 'the deletion')
    assert.ok(clock.now() - Date.parse(job.status?.completionTime as string) >= 60_000)
    await cluster.until(podKind, () => podsOf('passing').length === 0, 'no pods')
  })

  it('counts pods that were deleted under it as failed, and makes others', async () => {
    let fate: Fate = 'ready'
    fateOf = () => fate
    await createJob('disturbed', {})
    await cluster.until(jobKind, jobs => jobs.get('default', 'disturbed')?.status?.ready === 1, 'a ready pod')
    const [first] = podsOf('disturbed')
    await cluster.client.delete(podKind, 'default', first?.metadata.name as string)
    fate = { exitCode: 0 }
    const job = await jobWith('disturbed', 'Complete')
    assert.deepEqual([job.status?.succeeded, job.status?.failed], [1, 1])
  })

  it('leaves jobs of other controllers alone', async () => {
    await createJob('foreign', { managedBy: 'example.com/other' })
    await createJob('own', {})
    await jobWith('own', 'Complete')
    assert.deepEqual(podsOf('foreign'), [])
    assert.deepEqual((await cluster.client.get(jobKind, 'default', 'foreign')).status ?? {}, {})
  })
})
