import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const { cluster, send } = await sharedLibraryCluster()
const path = '/api/v1/namespaces/default/configmaps'

interface Message {
  readonly data: Buffer
  readonly isBinary: boolean
}

async function open(url: string, headers: Record<string, string> = {}, protocols: string[] = []) {
  const client = new WebSocket(cluster.server.replace('https:', 'wss:') + url, protocols, {
    ca: cluster.certificateAuthority,
    headers: { authorization: `Bearer ${cluster.token}`, ...headers },
  })
  const messages: Message[] = []
  client.on('message', (data: Buffer, isBinary) => messages.push({ data, isBinary }))
  const closed = once(client, 'close')
  await once(client, 'open')
  return { client, messages, closed }
}

/** What a client is told that asks for a WebSocket where there is none. */
async function refusal(url: string): Promise<number> {
  const client = new WebSocket(cluster.server.replace('https:', 'wss:') + url, {
    ca: cluster.certificateAuthority,
    headers: { authorization: `Bearer ${cluster.token}` },
  })
  client.on('error', () => undefined)
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, { statusCode: number; destroy(): void }]
  response.destroy()
  return response.statusCode
}

describe('a watch over a WebSocket', () => {
  it('tells each event in a message of its own, and ends with its time', async () => {
    const { resourceVersion } = (await send('GET', path)).json.metadata
    const { messages, closed } = await open(`${path}?watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=3`)
    for (const name of ['one', 'two', 'three']) await send('POST', path, { body: { metadata: { name }, data: { text: 'a\nb' } } })
    await eventually(
      'three events',
      5000,
      async () => messages.length,
      count => count >= 3,
    )
    const events = messages.map(({ data, isBinary }) => [isBinary, JSON.parse(String(data))] as const)
    assert.deepEqual(
      events.map(([isBinary, { type, object }]) => [isBinary, type, object.metadata.name, object.data.text]),
      ['one', 'two', 'three'].map(name => [false, 'ADDED', name, 'a\nb']),
    )
    assert.equal((await closed)[0], 1000)
  })

  it('is in protobuf where that is asked for', async () => {
    const accept = 'application/vnd.kubernetes.protobuf;stream=watch'
    const { resourceVersion } = (await send('GET', path)).json.metadata
    const { client, messages } = await open(`${path}?watch=true&resourceVersion=${resourceVersion}`, { accept })
    for (const name of ['four', 'five']) await send('POST', path, { body: { metadata: { name } } })
    await eventually(
      'two events',
      5000,
      async () => messages.length,
      count => count === 2,
    )
    // No length goes before a message: WebSocket has its own. Field 1 of a WatchEvent is its type.
    for (const [index, name] of ['four', 'five'].entries()) {
      assert.equal(messages[index]?.isBinary, true)
      assert.equal(messages[index]?.data.toString('latin1', 0, 7), '\n\x05ADDED')
      assert.ok(messages[index]?.data.includes(name))
    }
    client.terminate()
  })

  it('takes a token where browsers can put one', async () => {
    const token = `base64url.bearer.authorization.k8s.io.${Buffer.from(cluster.token).toString('base64url')}`
    const { client } = await open(`${path}?watch=true`, { authorization: '' }, [token, 'v1.example'])
    assert.equal(client.protocol, 'v1.example')
    client.terminate()
  })

  it('ends for a client that breaks the protocol, and for nobody else', async () => {
    const other = await open(`${path}?watch=true`)
    const { client, closed } = await open(`${path}?watch=true`)
    client.send('x'.repeat(5000))
    assert.equal((await closed)[0], 1009)
    assert.equal(other.client.readyState, WebSocket.OPEN)
    assert.equal((await send('GET', '/readyz')).text, 'ok')
    other.client.terminate()
  })

  it('is authorized like any watch', async () => {
    assert.equal(await refusal('/api/v1/namespaces/none/nothings?watch=true'), 404)
  })
})

it('what does not go on is answered as usual, whatever was asked for', async () => {
  assert.equal(await refusal(path), 200)
  assert.equal(await refusal(`${path}/none`), 404)
  assert.equal(await refusal('/version'), 200)
})
