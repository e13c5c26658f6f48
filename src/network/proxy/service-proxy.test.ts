import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceKind } from '../../apis/core/service.ts'
import { createMetrics, systemClock } from '../../base/index.ts'
import { createManualClock } from '../../client/testing/manual-clock.ts'
import { createTestCluster } from '../test-support/cluster.ts'
import { createFakeNft } from './fake-nft.ts'
import { startServiceProxy } from './service-proxy.ts'

const table = 'proa-test-services'

function startProxy() {
  const cluster = createTestCluster()
  const nft = createFakeNft()
  const clock = createManualClock()
  const forgotten: string[] = []
  const recorded: string[] = []
  const proxy = startServiceProxy({
    client: cluster.client,
    node: { name: 'node-1', addresses: ['127.0.0.1'] },
    cluster: { name: 'test', podCidrs: ['10.42.0.0/16'], serviceCidrs: ['10.43.0.0/16'] },
    nft,
    conntrack: { forgetUdpTo: async addresses => void forgotten.push(...addresses) },
    clock,
    logger: cluster.logger,
    metrics: createMetrics(),
    events: { record: (_object, _kind, _type, reason, message) => void recorded.push(`${reason}: ${message}`) },
  })
  return {
    ...cluster,
    nft,
    clock,
    proxy,
    forgotten,
    recorded,
    settled: async (holds: () => boolean) => {
      for (let left = 1000; !holds(); left--) {
        assert.ok(left > 0, 'it did not come to hold')
        await systemClock().yield()
      }
    },
    async close() {
      await proxy.close()
      await cluster.client.close()
    },
  }
}

const http = [{ port: 80, protocol: 'TCP' }]
const endpoint = (address: string, rest: object = {}) => ({
  addresses: [address],
  conditions: { ready: true },
  nodeName: 'node-1',
  ...rest,
})

test('a table that somebody else deleted is written anew', async () => {
  const { nft, clock, proxy, service, slice, settled, lines, close } = startProxy()
  await proxy.synced
  await service('web', { clusterIP: '10.43.0.5', ports: http })
  await slice('web', [{ port: 8080 }], [endpoint('10.42.0.2')])
  await settled(() => nft.elements(table, 'service-ips-4').size === 1)
  nft.flushRuleset()
  await clock.advance(60_000)
  await settled(() => lines.some(line => line.includes('somebody else deleted it')))
  await settled(() => nft.elements(table, 'service-ips-4').size === 1)
  await close()
})

test('a change that fails leads to a table written anew, until it is accepted', async () => {
  const { nft, clock, proxy, service, settled, lines, close } = startProxy()
  await proxy.synced
  nft.intercept = () => {
    throw new Error('Device or resource busy')
  }
  await service('web', { clusterIP: '10.43.0.5', ports: http })
  await settled(() => lines.some(line => line.includes('writing all of them anew in 100 ms')))
  nft.intercept = undefined
  await clock.advance(100)
  await settled(() => nft.elements(table, 'cluster-ips-4').has('10.43.0.5'))
  await close()
})

test('what the kernel refuses of one service keeps no other from being served', async () => {
  const { nft, clock, proxy, service, settled, lines, close } = startProxy()
  await proxy.synced
  nft.intercept = commands => {
    if (commands.includes('10.43.0.66')) throw new Error('Numerical result out of range')
  }
  await service('bad', { clusterIP: '10.43.0.66', ports: http })
  await service('good', { clusterIP: '10.43.0.5', ports: http })
  await settled(() => lines.some(line => line.includes('writing all of them anew')))
  await clock.advance(100)
  await settled(() => nft.elements(table, 'cluster-ips-4').has('10.43.0.5'))
  assert.ok(lines.some(line => line.includes('service default/bad: the kernel refused them')))
  await close()
})

test('endpointsGone: at once without endpoints, else when the rules have none that is ready', async () => {
  const { nft, proxy, service, slice, settled, close } = startProxy()
  await proxy.endpointsGone('nobody', new AbortController().signal)
  await service('web', { clusterIP: '10.43.0.5', ports: http })
  const of = (conditions: object) => [endpoint('10.42.0.2', { conditions, targetRef: { uid: 'pod-1' } }), endpoint('10.42.0.3')]
  await slice('web', [{ port: 8080 }], of({ ready: true }))
  await settled(() => nft.elements(table, 'service-ips-4').size === 1)
  let gone = false
  const waiting = proxy.endpointsGone('pod-1', new AbortController().signal).then(() => {
    gone = true
    return [...nft.elements(table, 'endpoints-4-1').values()]
  })
  await slice('web', [{ port: 8080 }], [...of({ ready: true }), endpoint('10.42.0.4')])
  await settled(() => nft.elements(table, 'service-ips-4').get('10.43.0.5 . tcp . 80') === 'goto cluster-4-3')
  assert.equal(gone, false)
  await slice('web', [{ port: 8080 }], of({ ready: false, serving: true, terminating: true }))
  assert.deepEqual(await waiting, ['10.42.0.3 . 8080'])
  await close()
})

test('endpointsGone ends with its signal', async () => {
  const { nft, proxy, service, slice, settled, close } = startProxy()
  await proxy.synced
  await service('web', { clusterIP: '10.43.0.5', ports: http })
  await slice('web', [{ port: 8080 }], [endpoint('10.42.0.2', { targetRef: { uid: 'pod-1' } })])
  await settled(() => nft.elements(table, 'service-ips-4').size === 1)
  const stop = new AbortController()
  const waiting = proxy.endpointsGone('pod-1', stop.signal)
  stop.abort(new Error('enough'))
  await assert.rejects(waiting, /enough/)
  await close()
})

test('UDP flows to an endpoint that is gone are forgotten, once it is out of the rules', async () => {
  const { nft, proxy, service, slice, settled, forgotten, close } = startProxy()
  await proxy.synced
  await service('dns', { clusterIP: '10.43.0.10', ports: [{ port: 53, protocol: 'UDP' }] })
  const udp = [{ port: 53, protocol: 'UDP' }]
  await slice('dns', udp, [endpoint('10.42.0.2'), endpoint('10.42.0.3')])
  await settled(() => nft.elements(table, 'service-ips-4').size === 1)
  assert.deepEqual(forgotten, [])
  await slice('dns', udp, [endpoint('10.42.0.3')])
  await settled(() => forgotten.length > 0)
  assert.deepEqual(forgotten, ['10.42.0.2'])
  await close()
})

test('a port that another service has already is told in an Event', async () => {
  const { proxy, service, slice, settled, recorded, close } = startProxy()
  await proxy.synced
  for (const [name, clusterIP] of [
    ['one', '10.43.0.5'],
    ['two', '10.43.0.6'],
  ] as const) {
    await service(name, { clusterIP, externalIPs: ['192.0.2.7'], ports: http })
    await slice(name, [{ port: 8080 }], [endpoint('10.42.0.2')].concat(name === 'two' ? endpoint('10.42.0.3') : []))
  }
  await settled(() => recorded.length > 0)
  assert.equal(recorded[0], 'FailedToProgramPort: 192.0.2.7 tcp 80 on node node-1 belongs to service default/one already')
  await close()
})

test('the health check port tells of local endpoints', async () => {
  const { proxy, service, slice, settled, client, nft, close } = startProxy()
  await proxy.synced
  const port = 41237
  const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', clusterIP: '10.43.0.5', healthCheckNodePort: port, ports: http }
  await service('web', spec)
  await slice('web', [{ port: 8080 }], [endpoint('10.42.0.2'), endpoint('10.42.0.3', { nodeName: 'node-2' })])
  await settled(() => nft.elements(table, 'service-ips-4').size === 1)
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`)
    return [response.status, await response.json()]
  }
  assert.deepEqual(await ask(), [200, { service: { namespace: 'default', name: 'web' }, localEndpoints: 1, serviceProxyHealthy: true }])
  await slice('web', [{ port: 8080 }], [endpoint('10.42.0.3', { nodeName: 'node-2' })])
  await settled(() => nft.elements(table, 'hairpin-4').size === 0)
  assert.equal((await ask())[0], 503)
  await client.delete(serviceKind, 'default', 'web')
  await settled(() => nft.elements(table, 'service-ips-4').size === 0)
  await assert.rejects(ask())
  await close()
})
