import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { testImageArchive } from '../images/build.ts'
import { writeOciArchive } from '../images/oci-archive.ts'
import { containerOf, observePods, type PodObserver, pod } from '../support/pods.ts'
import { cannotRunContainers, eventually, noteRealContainers, type RealCluster, startRealCluster } from '../support/real-cluster.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const namespace = 'registry'
const inNamespace = ['-n', namespace]

describe('images from registries that ask for credentials', { skip: cannotRunContainers ?? false, concurrency: 4 }, () => {
  let cluster: RealCluster
  let pods: PodObserver
  let basic: TestRegistry
  let bearer: TestRegistry
  let digest: string
  const work = mkdtempSync(join(tmpdir(), 'proa-registry-test-'))
  before(async () => {
    const archive = await testImageArchive('busybox')
    basic = await startRegistry({ user: 'sailor', password: 'knots', scheme: 'basic' })
    bearer = await startRegistry({ user: 'sailor', password: 'knots', scheme: 'bearer' })
    digest = basic.publish('team/tool', 'v1', archive)
    for (const name of ['team/tool', 'team/always', 'team/present']) bearer.publish(name, 'v1', archive)
    // Its layer is in no other image, so it has to be downloaded.
    const root = join(work, 'root')
    mkdirSync(root)
    writeFileSync(join(root, 'large'), Buffer.alloc(4_000_000, 'large'))
    const large = join(work, 'large.tar')
    await writeOciArchive(large, ['large'], root, { Cmd: ['/large'] })
    bearer.publish('team/large', 'v1', large)

    cluster = await startRealCluster('registry', [])
    pods = observePods(cluster, namespace)
    await cluster.read('create', 'namespace', namespace)
    for (const registry of [basic, bearer]) {
      const secret = (name: string, password: string) =>
        cluster.read(
          ...['-n', namespace, 'create', 'secret', 'docker-registry', name, `--docker-server=${registry.address}`],
          ...['--docker-username=sailor', `--docker-password=${password}`],
        )
      const name = registry === basic ? 'basic' : 'bearer'
      await secret(name, 'knots')
      await secret(`${name}-wrong`, 'guessed')
    }
  })
  after(async () => {
    await cluster?.remove()
    await basic?.close()
    await bearer?.close()
    rmSync(work, { recursive: true, force: true })
  })

  const apply = (...objects: object[]) => cluster.applyObjects(inNamespace, objects)
  const real = (name: string, run: (context: TestContext) => Promise<void>) =>
    test(name, async context => {
      await run(context)
      noteRealContainers(context)
    })
  const pulling = (name: string, image: string, secrets: readonly string[], more: object = {}) =>
    pod(name, [{ name: 'main', image, command: ['sh', '-c', 'exit 0'], ...more }], {
      restartPolicy: 'Never',
      imagePullSecrets: secrets.map(secret => ({ name: secret })),
    })
  const waits = (name: string, reason: string) =>
    pods.until(name, `waits with ${reason}`, one => containerOf(one, 'main').state.waiting?.reason === reason)

  real('by tag and by digest, with basic and with bearer credentials', async () => {
    await apply(
      pulling('basic-tag', `${basic.address}/team/tool:v1`, ['basic']),
      pulling('basic-digest', `${basic.address}/team/tool@${digest}`, ['basic']),
      pulling('bearer-tag', `${bearer.address}/team/tool:v1`, ['bearer']),
      pulling('second-secret', `${bearer.address}/team/tool:v1`, ['basic', 'bearer-wrong', 'bearer'], { imagePullPolicy: 'Always' }),
    )
    for (const name of ['basic-tag', 'basic-digest', 'bearer-tag', 'second-secret']) await pods.phase(name, 'Succeeded')
    const { imageID } = containerOf(await pods.get('basic-tag'), 'main')
    // The same image has a name in both registries, and the runtime tells one of them.
    assert.ok(imageID.endsWith(`/team/tool@${digest}`), imageID)
    assert.match((await pods.events('basic-tag', 'Pulled')).join('\n'), /^Successfully pulled image ".*" in .* Image size: \d+ bytes\.$/)
  })

  real('the secrets of the service account count for pods that name none', async () => {
    await apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'puller' }, imagePullSecrets: [{ name: 'bearer' }] },
      pod('by-account', [{ name: 'main', image: `${bearer.address}/team/tool:v1`, imagePullPolicy: 'Always', command: ['true'] }], {
        restartPolicy: 'Never',
        serviceAccountName: 'puller',
      }),
    )
    await pods.phase('by-account', 'Succeeded')
  })

  real('wrong credentials, and none, say so and go on trying', async () => {
    await apply(
      pulling('wrong', `${bearer.address}/team/tool:v1`, ['bearer-wrong'], { imagePullPolicy: 'Always' }),
      pulling('without', `${basic.address}/team/tool:v1`, [], { imagePullPolicy: 'Always' }),
    )
    for (const name of ['wrong', 'without']) {
      const image = `${name === 'wrong' ? bearer.address : basic.address}/team/tool:v1`
      const { waiting } = containerOf(await waits(name, 'ImagePullBackOff'), 'main').state
      assert.ok(waiting?.message?.startsWith(`Back-off pulling image "${image}": ErrImagePull: `), waiting?.message ?? 'no message')
      assert.match(waiting?.message ?? '', /401 Unauthorized|authorization failed|failed to authorize/)
      const failures = await pods.events(name, 'Failed')
      assert.ok(
        failures.some(message => message.startsWith(`Failed to pull image "${image}": `)),
        failures.join('\n'),
      )
      assert.ok(failures.includes('Error: ErrImagePull') && failures.includes('Error: ImagePullBackOff'), failures.join('\n'))
    }
    // Somebody corrects the secret: the next attempt uses it.
    await cluster.read(...inNamespace, 'delete', 'secret', 'bearer-wrong')
    await cluster.read(
      ...[...inNamespace, 'create', 'secret', 'docker-registry', 'bearer-wrong', `--docker-server=${bearer.address}`],
      ...['--docker-username=sailor', '--docker-password=knots'],
    )
    await pods.phase('wrong', 'Succeeded', 90_000)
  })

  real('an image that is not there', async () => {
    await apply(pulling('missing', `${bearer.address}/team/no-such:v1`, ['bearer']))
    const { waiting } = containerOf(await waits('missing', 'ImagePullBackOff'), 'main').state
    assert.match(waiting?.message ?? '', /team\/no-such:v1: not found/)
  })

  real('a pull that breaks is begun again and completes', async () => {
    bearer.breakDownloads(true)
    await apply(pulling('broken', `${bearer.address}/team/large:v1`, ['bearer'], { command: ['/no-such-program'] }))
    await eventually(
      'the pull fails',
      60_000,
      () => pods.events('broken', 'Failed'),
      list => list.some(message => message.startsWith('Failed to pull image')),
    )
    bearer.breakDownloads(false)
    // The image holds no program: that it is tried shows that the image is there.
    const failed = await pods.until('broken', 'is started', one => containerOf(one, 'main').state.terminated !== undefined, 90_000)
    assert.equal(containerOf(failed, 'main').state.terminated?.reason, 'StartError')
    assert.match(containerOf(failed, 'main').imageID, /team\/large@sha256:/)
  })

  real('pull policies: always asks the registry, if-not-present only once, never not at all', async () => {
    const image = (name: string) => `${bearer.address}/team/${name}:v1`
    const run = async (name: string, of: string, imagePullPolicy: string) => {
      await apply(pulling(name, image(of), ['bearer'], { imagePullPolicy }))
      await pods.phase(name, 'Succeeded')
    }
    await apply(pulling('never-absent', image('absent'), ['bearer'], { imagePullPolicy: 'Never' }))
    await run('present-1', 'present', 'IfNotPresent')
    const before = bearer.pulls('team/present')
    await run('present-2', 'present', 'IfNotPresent')
    await run('present-3', 'present', 'Never')
    assert.equal(bearer.pulls('team/present'), before)
    assert.match((await pods.events('present-2', 'Pulled')).join('\n'), /already present on machine/)
    await run('always-1', 'always', 'Always')
    await run('always-2', 'always', 'Always')
    assert.match((await pods.events('always-2', 'Pulled')).join('\n'), /^Successfully pulled image/)
    const { waiting } = containerOf(await waits('never-absent', 'ErrImageNeverPull'), 'main').state
    assert.equal(waiting?.message, `Container image "${image('absent')}" is not present with pull policy of Never`)
  })
})
