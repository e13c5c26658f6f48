import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import {
  configMapKind,
  type ImageBehaviour,
  jobKind,
  namespaceKind,
  nodeKind,
  podKind,
  serviceAccountKind,
  startCluster,
} from '../../src/index.ts'
import { eventually, repository } from '../support/real-cluster.ts'

const run = promisify(execFile)

describe('startCluster', () => {
  it('gives a control plane with a node that runs pods, and ends with close', async () => {
    const cluster = await startCluster()
    try {
      const { client } = cluster
      await eventually(
        'the node is ready',
        5000,
        () => client.list(nodeKind),
        nodes => nodes.items[0]?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
      )
      await eventually('the namespace has its service account', 5000, () => client.get(namespaceKind, undefined, 'default'), Boolean)
      await eventually(
        'a pod is admitted',
        5000,
        () =>
          client.create(podKind, {
            metadata: { name: 'one', namespace: 'default' },
            spec: { containers: [{ name: 'one', image: 'one' }] },
          }),
        Boolean,
      )
      await eventually(
        'the pod runs',
        5000,
        () => client.get(podKind, 'default', 'one'),
        pod => pod.status?.phase === 'Running' && pod.status.podIP !== undefined,
      )
    } finally {
      await cluster.close()
    }
  })

  it('runs images as the program says: they end well, fail, or cannot be pulled', async () => {
    const behaviours: Readonly<Record<string, ImageBehaviour>> = {
      works: { runsFor_ms: 20, exitCode: 0 },
      fails: { runsFor_ms: 20, exitCode: 3 },
    }
    const cluster = await startCluster({ image: image => behaviours[image.split(':')[0] ?? ''] })
    try {
      const { client } = cluster
      await eventually(
        'the service account is there',
        5000,
        () => client.get(serviceAccountKind, 'default', 'default').catch(() => undefined),
        Boolean,
      )
      for (const image of ['works', 'fails'])
        await client.create(jobKind, {
          metadata: { name: image, namespace: 'default' },
          spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } } },
        })
      const ends = async (name: string) =>
        (await client.get(jobKind, 'default', name)).status?.conditions?.find(
          ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True',
        )
      const completed = await eventually('one job completes', 10_000, () => ends('works'), Boolean)
      const failed = await eventually('the other fails', 10_000, () => ends('fails'), Boolean)
      await client.create(podKind, {
        metadata: { name: 'missing', namespace: 'default' },
        spec: { containers: [{ name: 'main', image: 'missing' }] },
      })
      await eventually(
        'the image cannot be pulled',
        10_000,
        () => client.get(podKind, 'default', 'missing'),
        pod => /^(ErrImagePull|ImagePullBackOff)$/.test(pod.status?.containerStatuses?.[0]?.state?.waiting?.reason ?? ''),
      )
      assert.deepEqual([completed?.type, failed?.type, failed?.reason], ['Complete', 'Failed', 'BackoffLimitExceeded'])
    } finally {
      await cluster.close()
    }
  })

  it('keeps twenty clusters in one process apart', async () => {
    const clusters = await Promise.all(Array.from({ length: 20 }, () => startCluster()))
    try {
      assert.equal(new Set(clusters.map(({ server }) => server)).size, 20)
      await Promise.all(
        clusters.map(({ client }, index) =>
          client.create(configMapKind, { metadata: { name: 'mine', namespace: 'default' }, data: { index: String(index) } }),
        ),
      )
      const read = await Promise.all(clusters.map(({ client }) => client.get(configMapKind, 'default', 'mine')))
      assert.deepEqual(
        read.map(({ data }) => data?.index),
        clusters.map((_, index) => String(index)),
      )
    } finally {
      await Promise.all(clusters.map(cluster => cluster.close()))
    }
  })

  it('leaves nothing behind that would keep the process alive', async () => {
    const program = `
      import { startCluster } from '${join(repository, 'src/index.ts')}'
      const cluster = await startCluster({ nodes: 2 })
      const controller = new AbortController()
      const watched = (async () => { for await (const _ of cluster.client.watch((await import('${join(repository, 'src/index.ts')}')).podKind)) ; })().catch(() => {})
      await cluster.close()
      await watched
      process.on('exit', () => process.stdout.write(JSON.stringify(process.getActiveResourcesInfo())))
    `
    const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '-e', program], { timeout: 120_000 })
    assert.deepEqual(
      (JSON.parse(stdout) as string[]).filter(resource => resource !== 'PipeWrap'),
      [],
    )
  })

  it('says what a program that goes on using a closed cluster did', async () => {
    const cluster = await startCluster({ nodes: 0 })
    await cluster.close()
    await assert.rejects(cluster.client.list(podKind), error => error instanceof Error && /clos|shut/.test(error.message))
  })
})
