import assert from 'node:assert/strict'
import { request as httpsRequest } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { isAlreadyExists } from '../apimachinery/api-errors.ts'
import { nodeKind } from '../apis/core/node.ts'
import { podKind } from '../apis/core/pod.ts'
import { serviceAccountKind } from '../apis/core/service-account.ts'
import { type Cluster, startCluster } from './library.ts'

interface Answer {
  readonly code: number
  readonly status: { readonly kind?: string; readonly reason?: string; readonly message?: string }
}

describe('pods of simulated nodes', () => {
  let cluster: Cluster
  before(async () => {
    cluster = await startCluster()
    // Pods need it, and its controller may take a moment longer than this test.
    await cluster.client.create(serviceAccountKind, { metadata: { name: 'default', namespace: 'default' } }).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error
    })
    await cluster.client.create(nodeKind, { metadata: { name: 'real' } })
    await bindPod('pretended', 'node-1')
    await bindPod('elsewhere', 'real')
  })
  after(() => cluster.close())

  async function bindPod(name: string, nodeName: string): Promise<void> {
    await cluster.client.create(podKind, {
      metadata: { name, namespace: 'default' },
      spec: { nodeName, containers: [{ name, image: name }] },
    })
  }

  const ask = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const authorization = `Bearer ${cluster.token}`
      const options = { ca: cluster.certificateAuthority, agent: false as const, headers: { ...headers, authorization } }
      const url = new URL(`/api/v1/namespaces/default/pods/${path}`, cluster.server)
      httpsRequest(url, options, async response => {
        const text = Buffer.concat(await response.toArray()).toString()
        resolve({ code: response.statusCode ?? 0, status: JSON.parse(text) as Answer['status'] })
      })
        .on('error', reject)
        .end()
    })
  const webSocket = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'v5.channel.k8s.io',
  }
  const spdy = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' }

  const refusals: readonly [string, string, Readonly<Record<string, string>>?][] = [
    ['log', 'has no logs'],
    ['log?follow=true', 'has no logs'],
    ['exec?command=sh&stdout=true', 'can execute no command', webSocket],
    ['exec?command=sh&stdout=true', 'can execute no command', spdy],
    ['attach?stdout=true', 'has no process to attach to', spdy],
    ['portforward', 'has no ports to forward to', spdy],
  ]
  for (const [path, message, headers] of refusals) {
    test(`${path}${headers ? ` by ${headers.upgrade}` : ''} is refused by the API server itself`, async () => {
      const { code, status } = await ask(`pretended/${path}`, headers)
      assert.deepEqual(
        [code, status.kind, status.reason, status.message],
        [400, 'Status', 'BadRequest', `simulated nodes run no containers: pod pretended ${message}`],
      )
    })
  }

  test('a node that is registered from outside is dialled', async () => {
    const { status } = await ask('elsewhere/log')
    assert.match(status.message ?? '', /no preferred addresses found/)
  })

  test('a pod that does not exist is not found', async () => {
    assert.equal((await ask('nosuch/log')).code, 404)
  })
})
