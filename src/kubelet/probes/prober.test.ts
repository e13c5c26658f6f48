import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from '../../apis/core/container.ts'
import { podKind } from '../../apis/core/pod.ts'
import { createMetrics, formatTime } from '../../base/index.ts'
import { startTestNode, type TestNodeOptions } from '../test-support/node.ts'
import { type ProbeTransport, simulatedTransport } from './transport.ts'

/** A pod whose HTTP server is in the test's hands. */
async function probed(container: Partial<Container>, status = 200, kubelet: TestNodeOptions['kubelet'] = {}) {
  const server = { status, requests: [] as string[] }
  const transport: ProbeTransport = {
    ...simulatedTransport(),
    http: async ({ url }) => {
      server.requests.push(url.pathname)
      return { status: server.status, location: undefined, body: '' }
    },
  }
  const node = await startTestNode({ transport, kubelet })
  node.create({ terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'busybox:1.35', ...container }] })
  await node.clock.advance(0)
  return { node, server, main: () => node.pod().status?.containerStatuses?.[0] }
}

const get = { path: '/ready', port: 80 }

test('readiness is asked at once, follows thresholds and restarts nothing', async () => {
  const { node, server, main } = await probed({ readinessProbe: { httpGet: get, periodSeconds: 5, failureThreshold: 2 } })
  assert.equal(main()?.ready, true)
  server.status = 500
  await node.clock.advance(5000)
  assert.equal(main()?.ready, true)
  await node.clock.advance(5000)
  assert.equal(main()?.ready, false)
  assert.equal(node.pod().status?.conditions?.find(({ type }) => type === 'Ready')?.reason, 'ContainersNotReady')
  assert.ok(node.events.includes('Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 500'))
  server.status = 200
  await node.clock.advance(5000)
  assert.equal(main()?.ready, true)
  assert.equal(main()?.restartCount, 0)
  await node.close()
})

test('a server that listens a moment later need not wait for a whole period', async () => {
  const { node, server, main } = await probed({ readinessProbe: { httpGet: get, periodSeconds: 30 } }, 500)
  assert.equal(main()?.ready, false)
  server.status = 200
  await node.clock.advance(500)
  assert.equal(main()?.ready, true)
  assert.ok(!node.events.some(event => event.includes('Unhealthy')))
  await node.close()
})

test('an initial delay is kept', async () => {
  const { node, server, main } = await probed({ readinessProbe: { httpGet: get, initialDelaySeconds: 10 } })
  await node.clock.advance(9000)
  assert.deepEqual(server.requests, [])
  assert.equal(main()?.ready, false)
  await node.clock.advance(1000)
  assert.equal(main()?.ready, true)
  await node.close()
})

test('liveness restarts the container after so many failures', async () => {
  const { node, server, main } = await probed({ livenessProbe: { httpGet: get, periodSeconds: 1, failureThreshold: 3 } })
  server.status = 500
  await node.clock.advance(2000)
  assert.equal(main()?.restartCount, 0)
  await node.clock.advance(1000)
  server.status = 200
  await node.clock.settle()
  assert.equal(main()?.restartCount, 1)
  assert.ok(node.events.includes('Normal Killing Container main failed liveness probe, will be restarted'))
  await node.close()
})

test('liveness never restarts a container that must not', async () => {
  const { node, server } = await probed({ restartPolicy: 'Never', livenessProbe: { httpGet: get, periodSeconds: 1, failureThreshold: 1 } })
  const pod = node.pod()
  node.client.put(podKind, { ...pod, spec: { ...pod.spec, containers: pod.spec?.containers ?? [], restartPolicy: 'Never' } })
  server.status = 500
  await node.clock.advance(3000)
  assert.notEqual(node.pod().status?.phase, 'Running')
  assert.equal(node.pod().status?.containerStatuses?.[0]?.restartCount, 0)
  await node.close()
})

test('what was counted of a pod goes when it ends', async () => {
  const metrics = createMetrics()
  const counted = () => metrics.render(name => name === 'prober_probe_total').match(/^prober_probe_total\{.*/gm) ?? []
  const { node, server } = await probed({ readinessProbe: { httpGet: get, periodSeconds: 5 } }, 200, { metrics })
  server.status = 500
  await node.clock.advance(5000)
  const labels = 'container="main",pod="web",namespace="default",pod_uid="web-uid"'
  assert.deepEqual(counted(), [
    `prober_probe_total{probe_type="Readiness",result="successful",${labels}} 1`,
    `prober_probe_total{probe_type="Readiness",result="failed",${labels}} 1`,
  ])
  const pod = node.pod()
  node.client.put(podKind, {
    ...pod,
    metadata: { ...pod.metadata, deletionTimestamp: formatTime(node.clock.now()), deletionGracePeriodSeconds: 1 },
  })
  await node.clock.advance(2000)
  assert.deepEqual(counted(), [])
  await node.close()
})

test('other probes wait for the startup probe', async () => {
  const startupProbe = { httpGet: { path: '/start', port: 80 }, periodSeconds: 10, failureThreshold: 3 }
  const { node, server, main } = await probed({ startupProbe, livenessProbe: { httpGet: get }, readinessProbe: { httpGet: get } }, 500)
  await node.clock.advance(5000)
  assert.ok(!server.requests.includes('/ready'))
  assert.equal(main()?.started, false)
  server.status = 200
  await node.clock.advance(10_000)
  assert.equal(main()?.started, true)
  assert.equal(main()?.ready, true)
  await node.close()
})

test('a startup probe that never passes restarts the container', async () => {
  const { node, main } = await probed(
    { startupProbe: { httpGet: get, periodSeconds: 1, failureThreshold: 2, initialDelaySeconds: 1 } },
    500,
  )
  await node.clock.advance(2500)
  assert.equal(main()?.restartCount, 1)
  assert.ok(node.events.includes('Normal Killing Container main failed startup probe, will be restarted'))
  await node.close()
})

test('the next kubelet believes that what was ready is ready', async () => {
  const { node, server, main } = await probed({ readinessProbe: { httpGet: get, periodSeconds: 5, failureThreshold: 2 } })
  server.status = 500
  await node.restart()
  await node.clock.advance(0)
  assert.equal(main()?.ready, true)
  await node.clock.advance(10_000)
  assert.equal(main()?.ready, false)
  await node.close()
})

test('hooks: postStart holds the container back, its failure restarts it; preStop comes before the stop', async () => {
  const { node, server } = await probed({
    lifecycle: { preStop: { httpGet: { path: '/stop', port: 80 } }, postStart: { httpGet: { path: '/start', port: 80 } } },
  })
  assert.deepEqual(server.requests, ['/start'])
  node.client.requestDeletion(podKind, 'default', 'web', 30)
  await node.clock.settle()
  assert.deepEqual(server.requests, ['/start', '/stop'])
  await node.close()
})

test('a failed postStart hook is told and the container replaced', async () => {
  const { node, main } = await probed({ lifecycle: { postStart: { httpGet: { path: '/start', port: 80 } } } }, 500)
  assert.ok(node.events.includes('Warning FailedPostStartHook PostStartHook failed'))
  assert.equal(main()?.state?.waiting?.reason, 'PostStartHookError')
  await node.clock.advance(3000)
  assert.ok((main()?.restartCount ?? 0) >= 1)
  await node.close()
})

test('a preStop sleep takes from the grace period', async () => {
  const { node } = await probed({ lifecycle: { preStop: { sleep: { seconds: 5 } } } })
  node.client.requestDeletion(podKind, 'default', 'web', 30)
  await node.clock.advance(4900)
  assert.equal((await node.runtime.listContainers())[0]?.state, 'running')
  await node.clock.advance(200)
  assert.throws(() => node.pod())
  await node.close()
})
