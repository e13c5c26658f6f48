import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { type Deployment, type DeploymentSpec, deploymentKind } from '../../apis/apps/deployment.ts'
import { type ReplicaSet, replicaSetKind } from '../../apis/apps/replica-set.ts'
import { eventKind } from '../../apis/core/event.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import { controllerOf } from '../../client/index.ts'
import type { RunningControllers } from '../index.ts'
import { fastClock, openTestCluster, type TestCluster } from '../testing/cluster.test-support.ts'
import { type Fate, runSimulatedKubelet } from '../testing/simulated-kubelet.test-support.ts'

const clock = fastClock(100)
let cluster: TestCluster
let controllers: RunningControllers
let kubelet: ReturnType<typeof runSimulatedKubelet>
let fateOf: (pod: Pod) => Fate = () => 'ready'

before(async () => {
  cluster = await openTestCluster({ clock })
  controllers = cluster.start()
  kubelet = runSimulatedKubelet(cluster.client, clock, pod => fateOf(pod))
})
afterEach(() => {
  fateOf = () => 'ready'
})
after(async () => {
  await kubelet.close()
  await controllers.close()
  await cluster.close()
  assert.deepEqual(cluster.warnings, [])
})

const template = (app: string, image: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'main', image }] },
})
const create = (name: string, spec: Partial<DeploymentSpec>): Promise<Deployment> =>
  cluster.client.create(deploymentKind, {
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { app: name } }, template: template(name, 'one'), ...spec } as DeploymentSpec,
  })
const change = (name: string, spec: object): Promise<Deployment> =>
  cluster.client.patch(deploymentKind, 'default', name, { type: 'merge', body: { spec } })
const setImage = (name: string, image: string) => change(name, { template: template(name, image) })

const replicaSetsOf = (name: string): ReplicaSet[] =>
  cluster.client
    .informer(replicaSetKind)
    .list('default')
    .filter(one => controllerOf(one)?.name === name)
const imageOf = (one: ReplicaSet) => one.spec?.template?.spec?.containers[0]?.image
const sizes = (name: string) => Object.fromEntries(replicaSetsOf(name).map(one => [imageOf(one), one.spec?.replicas]))
const podsOf = (name: string) =>
  cluster.client
    .informer(podKind)
    .list('default')
    .filter(pod => pod.metadata.labels?.app === name)
const conditionOf = (deployment: Deployment | undefined, type: string) =>
  deployment?.status?.conditions?.find(condition => condition.type === type)

async function rolledOut(name: string, image: string): Promise<Deployment> {
  await cluster.until(
    deploymentKind,
    deployments => {
      const one = deployments.get('default', name)
      const replicas = one?.spec?.replicas ?? 1
      const { observedGeneration, updatedReplicas, availableReplicas, replicas: total } = one?.status ?? {}
      return (
        observedGeneration === one?.metadata.generation &&
        one?.spec?.template?.spec?.containers[0]?.image === image &&
        [updatedReplicas, availableReplicas, total].every(count => count === replicas) &&
        conditionOf(one, 'Progressing')?.reason === 'NewReplicaSetAvailable'
      )
    },
    `roll-out of ${image} by deployment ${name}`,
  )
  return cluster.client.get(deploymentKind, 'default', name)
}

async function eventsOf(name: string, expected: number): Promise<string[]> {
  const ofDeployment = () =>
    cluster.client
      .informer(eventKind)
      .list('default')
      .filter(event => event.involvedObject?.kind === 'Deployment' && event.involvedObject.name === name)
  await cluster.until(eventKind, () => ofDeployment().length >= expected, `${expected} events of ${name}`)
  return ofDeployment().map(event => `${event.reason} ${event.message}`)
}

describe('the deployment controller', () => {
  it('makes a replica set of the template and says how it goes', async () => {
    await create('fresh', { replicas: 3 })
    const deployment = await rolledOut('fresh', 'one')
    const [replicaSet] = replicaSetsOf('fresh')
    const hash = replicaSet?.metadata.labels?.['pod-template-hash']
    assert.match(hash ?? '', /^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/)
    assert.equal(replicaSet?.metadata.name, `fresh-${hash}`)
    assert.equal(replicaSet?.spec?.selector?.matchLabels?.['pod-template-hash'], hash)
    assert.equal(deployment.metadata.annotations?.['deployment.kubernetes.io/revision'], '1')
    const annotations = replicaSet?.metadata.annotations ?? {}
    assert.equal(annotations['deployment.kubernetes.io/revision'], '1')
    assert.equal(annotations['deployment.kubernetes.io/desired-replicas'], '3')
    assert.equal(annotations['deployment.kubernetes.io/max-replicas'], '4')
    const progressing = conditionOf(deployment, 'Progressing')
    assert.equal(progressing?.message, `ReplicaSet "${replicaSet?.metadata.name}" has successfully progressed.`)
    assert.equal(conditionOf(deployment, 'Available')?.reason, 'MinimumReplicasAvailable')
    assert.ok(podsOf('fresh').every(pod => pod.metadata.labels?.['pod-template-hash'] === hash))
    assert.deepEqual(await eventsOf('fresh', 1), [`ScalingReplicaSet Scaled up replica set fresh-${hash} from 0 to 3`])
  })

  it('counts on from the revision of a replica set that it adopts, however large', async () => {
    const labels = { app: 'adopting' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'zero' }] } }
    const annotations = { 'deployment.kubernetes.io/revision': '3546343826724305832' }
    const metadata = { name: 'older', namespace: 'default', labels, annotations }
    await cluster.client.create(replicaSetKind, { metadata, spec: { replicas: 1, selector: { matchLabels: labels }, template } })
    await create('adopting', { replicas: 1 })
    const deployment = await rolledOut('adopting', 'one')
    assert.equal(deployment.metadata.annotations?.['deployment.kubernetes.io/revision'], '3546343826724305833')
  })

  it('rolls an update within its bounds and keeps a history', async () => {
    await create('rolling', { replicas: 4, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } })
    await rolledOut('rolling', 'one')
    const informer = cluster.client.informer(podKind)
    let most = 0
    let fewestReady = Number.POSITIVE_INFINITY
    const stop = informer.onChange(() => {
      const going = podsOf('rolling').filter(pod => !pod.metadata.deletionTimestamp)
      most = Math.max(most, going.length)
      const ready = going.filter(pod => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
      fewestReady = Math.min(fewestReady, ready.length)
    })
    await setImage('rolling', 'two')
    const deployment = await rolledOut('rolling', 'two')
    stop()
    assert.equal(most, 5)
    assert.ok(fewestReady >= 4, `${fewestReady} pods were ready`)
    assert.deepEqual(sizes('rolling'), { one: 0, two: 4 })
    assert.equal(deployment.metadata.annotations?.['deployment.kubernetes.io/revision'], '2')
  })

  it('goes back to an earlier template under a new revision', async () => {
    await create('back', { replicas: 2 })
    await rolledOut('back', 'one')
    await setImage('back', 'two')
    await rolledOut('back', 'two')
    await setImage('back', 'one')
    const deployment = await rolledOut('back', 'one')
    assert.equal(deployment.metadata.annotations?.['deployment.kubernetes.io/revision'], '3')
    const first = replicaSetsOf('back').find(one => imageOf(one) === 'one')
    assert.equal(first?.metadata.annotations?.['deployment.kubernetes.io/revision'], '3')
    assert.equal(first?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1')
    assert.equal(replicaSetsOf('back').length, 2)
  })

  it('recreates without old and new pods running at a time', async () => {
    await create('recreate', { replicas: 2, strategy: { type: 'Recreate' } })
    await rolledOut('recreate', 'one')
    let mixed = false
    const stop = cluster.client.informer(podKind).onChange(() => {
      const images = new Set(podsOf('recreate').map(pod => pod.spec?.containers[0]?.image))
      mixed ||= images.size > 1
    })
    await setImage('recreate', 'two')
    await rolledOut('recreate', 'two')
    stop()
    assert.equal(mixed, false)
  })

  it('stops an update whose pods do not become ready, and says so after the deadline', async () => {
    await create('stuck', { replicas: 4, progressDeadlineSeconds: 20 })
    await rolledOut('stuck', 'one')
    fateOf = pod => (pod.spec?.containers[0]?.image === 'two' ? 'unready' : 'ready')
    await setImage('stuck', 'two')
    await cluster.until(
      deploymentKind,
      deployments => conditionOf(deployments.get('default', 'stuck'), 'Progressing')?.reason === 'ProgressDeadlineExceeded',
      'an exceeded deadline',
    )
    const deployment = await cluster.client.get(deploymentKind, 'default', 'stuck')
    assert.equal(conditionOf(deployment, 'Progressing')?.status, 'False')
    assert.match(conditionOf(deployment, 'Progressing')?.message ?? '', /^ReplicaSet "stuck-[a-z0-9]+" has timed out progressing\.$/)
    assert.equal(conditionOf(deployment, 'Available')?.status, 'True')
    await cluster.until(replicaSetKind, () => sizes('stuck').one === 3 && sizes('stuck').two === 2, 'three old and two new')
    fateOf = () => 'ready'
    await setImage('stuck', 'three')
    await rolledOut('stuck', 'three')
  })

  it('spreads a new scale over an update that is under way', async () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } }
    await create('spread', { replicas: 10, strategy })
    await rolledOut('spread', 'one')
    fateOf = pod => (pod.spec?.containers[0]?.image === 'two' ? 'unready' : 'ready')
    await setImage('spread', 'two')
    await cluster.until(replicaSetKind, () => sizes('spread').one === 8 && sizes('spread').two === 5, 'eight old and five new')
    await change('spread', { replicas: 30 })
    await cluster.until(replicaSetKind, () => sizes('spread').one === 20 && sizes('spread').two === 13, 'twenty old and thirteen new')
  })

  it('does not move while paused, but scales', async () => {
    await create('paused', { replicas: 1 })
    await rolledOut('paused', 'one')
    await change('paused', { paused: true, replicas: 3, template: template('paused', 'two') })
    await cluster.until(deploymentKind, all => all.get('default', 'paused')?.status?.availableReplicas === 3, 'three replicas')
    const paused = await cluster.client.get(deploymentKind, 'default', 'paused')
    assert.deepEqual(sizes('paused'), { one: 3 })
    assert.equal(conditionOf(paused, 'Progressing')?.reason, 'DeploymentPaused')
    await change('paused', { paused: false })
    await rolledOut('paused', 'two')
  })

  it('deletes what lies beyond the history limit', async () => {
    await create('history', { replicas: 1, revisionHistoryLimit: 1 })
    for (const image of ['one', 'two', 'three', 'four']) {
      await setImage('history', image)
      await rolledOut('history', image)
    }
    await cluster.until(replicaSetKind, () => replicaSetsOf('history').length === 2, 'two replica sets')
    assert.deepEqual(sizes('history'), { three: 0, four: 1 })
  })

  it('takes another name when its hash is taken by a foreign replica set', async () => {
    const template = (await create('collide', { replicas: 0 })).spec?.template
    await cluster.until(replicaSetKind, () => replicaSetsOf('collide').length === 1, 'a replica set')
    const [first] = replicaSetsOf('collide')
    await cluster.client.delete(deploymentKind, 'default', 'collide', { propagationPolicy: 'Orphan' })
    await cluster.until(deploymentKind, all => all.get('default', 'collide') === undefined, 'no deployment')
    // Nobody's, of that name, with another template.
    await cluster.client.delete(replicaSetKind, 'default', first?.metadata.name as string)
    const labels = { app: 'other' }
    await cluster.client.create(replicaSetKind, {
      metadata: { name: first?.metadata.name, namespace: 'default', labels },
      spec: { replicas: 0, selector: { matchLabels: labels }, template: { ...template, metadata: { labels } } },
    } as ReplicaSet)
    await create('collide', { replicas: 1 })
    const deployment = await rolledOut('collide', 'one')
    assert.equal(deployment.status?.collisionCount, 1)
  })

  it('owns what has its labels, and lets go of what loses them', async () => {
    await create('adopt', { replicas: 2 })
    await rolledOut('adopt', 'one')
    const [pod] = podsOf('adopt')
    await cluster.client.patch(podKind, 'default', pod?.metadata.name as string, {
      type: 'merge',
      body: { metadata: { labels: { app: 'released' } } },
    })
    await cluster.until(
      podKind,
      pods => controllerOf(pods.get('default', pod?.metadata.name as string) ?? { metadata: {} }) === undefined,
      'a released pod',
    )
    await rolledOut('adopt', 'one')
    await cluster.client.delete(deploymentKind, 'default', 'adopt', { propagationPolicy: 'Orphan' })
    await cluster.until(
      replicaSetKind,
      all => all.list('default').some(one => one.metadata.labels?.app === 'adopt' && !controllerOf(one)),
      'an orphan',
    )
    const [orphan] = cluster.client
      .informer(replicaSetKind)
      .list('default')
      .filter(one => one.metadata.labels?.app === 'adopt')
    await cluster.until(deploymentKind, all => all.get('default', 'adopt') === undefined, 'no deployment')
    await create('adopt', { replicas: 2 })
    await rolledOut('adopt', 'one')
    assert.deepEqual(
      replicaSetsOf('adopt').map(one => one.metadata.uid),
      [orphan?.metadata.uid],
    )
    assert.equal(podsOf('adopt').length, 2)
  })
})
