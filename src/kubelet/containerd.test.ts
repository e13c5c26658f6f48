import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { configMapKind } from '../apis/core/config-map.ts'
import { type Pod, podKind } from '../apis/core/pod.ts'
import type { PodSpec } from '../apis/core/pod-spec.ts'
import { createLogger, seededRandom, systemClock } from '../base/index.ts'
import { linuxHost } from './host/linux.ts'
import { networkTransport } from './probes/transport.ts'
import {
  busyboxImage,
  missingForContainerd,
  startTestContainerd,
  type TestContainerd,
  until,
} from './runtime/containerd/test-support/containerd.ts'
import { startTestNode, type TestNode } from './test-support/node.ts'

const missing = missingForContainerd()
if (missing) process.stdout.write(`tests of the kubelet with containerd did not run: ${missing}\n`)

describe('a kubelet with real containers', { skip: missing }, () => {
  let containerd: TestContainerd
  let node: TestNode
  const clock = systemClock()
  before(async () => {
    containerd = await startTestContainerd()
    node = await startTestNode({
      runtime: containerd.runtime,
      host: linuxHost({ random: seededRandom(3) }),
      transport: networkTransport(),
      directories: { pods: join(containerd.directory, 'pods'), logs: join(containerd.directory, 'logs') },
      cgroupRoot: containerd.cgroupRoot,
      kubelet: {
        clock,
        logger: createLogger({ clock, level: process.env.KUBELET_LOG ? 'debug' : 'error', write: line => void process.stderr.write(line) }),
      },
    })
  })
  after(async () => {
    await node.kubelet.stopPods(1)
    await node.close()
    await containerd.stop()
  })

  const create = (name: string, script: string, spec: Partial<PodSpec> = {}, container: Partial<PodSpec['containers'][number]> = {}) =>
    node.create({ containers: [{ name: 'main', image: busyboxImage, command: ['sh', '-c', script], ...container }], ...spec }, { name })
  const main = (name: string) => node.pod(name).status?.containerStatuses?.[0]
  const reached = (name: string, holds: (pod: Pod) => boolean) => until(`pod ${name}`, async () => holds(node.pod(name)))
  const exec = async (name: string, script: string) => {
    const id = main(name)?.containerID?.replace('containerd://', '') ?? ''
    const { stdout } = await containerd.runtime.execSync(id, ['sh', '-c', script], 10)
    return Buffer.from(stdout).toString().trim()
  }

  it('runs a pod: environment, files, hosts, volumes, last words', async () => {
    node.client.put(configMapKind, { metadata: { name: 'settings', namespace: 'default' }, data: { key: 'value' } })
    create(
      'web',
      'sleep 1000',
      {
        volumes: [
          { name: 'settings', configMap: { name: 'settings' } },
          { name: 'scratch', emptyDir: {} },
          { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
        ],
        hostAliases: [{ ip: '10.1.2.3', hostnames: ['alias'] }],
      },
      {
        env: [
          { name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'TEXT', value: 'at $(ADDRESS)' },
        ],
        resources: { limits: { memory: '64Mi', cpu: '200m' }, requests: { memory: '32Mi', cpu: '50m' } },
        volumeMounts: [
          { name: 'settings', mountPath: '/settings' },
          { name: 'settings', mountPath: '/one/file', subPath: 'key' },
          { name: 'scratch', mountPath: '/scratch' },
          { name: 'token', mountPath: '/token' },
        ],
      },
    )
    await reached('web', pod => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false)
    const { podIP } = node.pod('web').status ?? {}
    assert.equal(await exec('web', 'echo $TEXT'), `at ${podIP}`)
    assert.equal(await exec('web', 'cat /settings/key /one/file'), 'valuevalue')
    assert.equal(await exec('web', 'touch /scratch/a && ls /scratch'), 'a')
    assert.match(await exec('web', 'cat /token/token'), /^token-default/)
    assert.match(await exec('web', 'cat /etc/hosts'), new RegExp(`${podIP}\tweb[^]*10.1.2.3\talias`))
    assert.equal(await exec('web', 'hostname'), 'web')
    assert.match(await exec('web', 'cat /etc/resolv.conf'), /search default.svc.cluster.local svc.cluster.local cluster.local/)
    node.client.put(configMapKind, { metadata: { name: 'settings', namespace: 'default' }, data: { key: 'changed' } })
    await until('the changed file', async () => (await exec('web', 'cat /settings/key')) === 'changed')
  })

  it('reads last words and exit codes', async () => {
    create('dies', 'echo because > /dev/termination-log; exit 3', { restartPolicy: 'Never' })
    await reached('dies', pod => pod.status?.phase === 'Failed')
    assert.equal(main('dies')?.state?.terminated?.exitCode, 3)
    assert.equal(main('dies')?.state?.terminated?.message, 'because\n')
    create('logs', 'echo from the log; exit 4', { restartPolicy: 'Never' }, { terminationMessagePolicy: 'FallbackToLogsOnError' })
    await reached('logs', pod => pod.status?.phase === 'Failed')
    assert.equal(main('logs')?.state?.terminated?.message, 'from the log\n')
  })

  it('says so when a container used too much memory', async () => {
    create('eats', 'x=x; while true; do x=$x$x; done', { restartPolicy: 'Never' }, { resources: { limits: { memory: '32Mi' } } })
    await reached('eats', pod => pod.status?.phase === 'Failed')
    assert.equal(main('eats')?.state?.terminated?.reason, 'OOMKilled')
  })

  it('changes limits in place, but never below what is in use', async () => {
    const resources = (memory: string) => ({ limits: { memory }, requests: { memory: '1Mi' } })
    const resize = (memory: string) => {
      const pod = node.pod('grows')
      const containers = (pod.spec?.containers ?? []).map(container => ({ ...container, resources: resources(memory) }))
      node.client.put(podKind, { ...pod, spec: { ...pod.spec, containers } })
    }
    const limit = () => exec('grows', 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max')
    const fill = 'dd if=/dev/zero of=/dev/shm/full bs=1M count=20; exec sleep 1000'
    create('grows', fill, { terminationGracePeriodSeconds: 1 }, { resources: resources('64Mi') })
    await reached('grows', () => main('grows')?.ready === true)
    await until('the file', async () => (await exec('grows', 'stat -c %s /dev/shm/full')) === String(20 * 2 ** 20))
    resize('48Mi')
    await until('the lower limit', async () => (await limit()) === String(48 * 2 ** 20))
    await reached('grows', () => main('grows')?.resources?.limits?.memory === '48Mi')
    resize('16Mi')
    const refusal = 'Warning ResizeError resize container main: attempting to set memory limit (16777216) below current usage'
    await until('the refusal', async () => node.events.some(event => event.startsWith(refusal)))
    assert.equal(await limit(), String(48 * 2 ** 20))
    assert.equal(main('grows')?.resources?.limits?.memory, '48Mi')
    assert.equal(main('grows')?.restartCount, 0)
  })

  it('restarts a container that its liveness probe found dead, and readiness follows the probe', async () => {
    const probe = { exec: { command: ['cat', '/tmp/ok'] }, periodSeconds: 1, failureThreshold: 1 }
    create('probed', 'touch /tmp/ok; sleep 1000', { terminationGracePeriodSeconds: 1 }, { livenessProbe: probe, readinessProbe: probe })
    await reached('probed', () => main('probed')?.ready === true)
    await exec('probed', 'rm /tmp/ok')
    await reached('probed', () => main('probed')?.restartCount === 1 && main('probed')?.ready === true)
    assert.ok(node.events.some(event => event.startsWith('Warning Unhealthy Liveness probe failed')))
    assert.ok(node.events.includes('Normal Killing Container main failed liveness probe, will be restarted'))
  })

  it('adopts what runs after a restart of its own', async () => {
    const before_ = main('web')?.containerID
    await node.restart()
    await reached('web', () => main('web')?.ready === true)
    assert.equal(main('web')?.containerID, before_)
  })

  it('deletes a pod and leaves nothing of it', async () => {
    node.client.requestDeletion(podKind, 'default', 'web', 1)
    await until('the end of the pod', async () => {
      try {
        return node.pod('web') === undefined
      } catch {
        return true
      }
    })
    assert.ok(!(await containerd.runtime.listSandboxes()).some(({ uid }) => uid === 'web-uid'))
  })

  it('starts thirty pods at once', async () => {
    const began_ms = clock.monotonic()
    for (let index = 0; index < 30; index++) create(`many-${index}`, 'sleep 1000', { terminationGracePeriodSeconds: 1 })
    await Promise.all(Array.from({ length: 30 }, (_, index) => reached(`many-${index}`, pod => pod.status?.phase === 'Running')))
    process.stdout.write(`thirty pods at once: ${Math.round(clock.monotonic() - began_ms)} ms\n`)
    const one_ms = clock.monotonic()
    create('one', 'sleep 1000', { terminationGracePeriodSeconds: 1 })
    await reached('one', pod => pod.status?.phase === 'Running')
    process.stdout.write(`one pod: ${Math.round(clock.monotonic() - one_ms)} ms\n`)
  })
})
