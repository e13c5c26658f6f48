import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { after, before, beforeEach, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import type { RequestAttributes } from '../../apimachinery/request.ts'
import { silentLogger, systemClock } from '../../base/index.ts'
import { eventually } from '../admission/test-cluster.test-support.ts'
import { type DevServer, startDevServer } from '../dev.test-support.ts'
import { sender } from '../https-connection.test-support.ts'
import { createOutgoing, type Outgoing } from '../outgoing/index.ts'
import { type FakeKubelet, startFakeKubelet, testCertificate } from './fake-kubelet.test-support.ts'
import { nodeHandlers } from './index.ts'

describe('the way to the nodes', () => {
  let kubelet: FakeKubelet
  let dev: DevServer
  let send: ReturnType<typeof sender>
  let asked: IncomingMessage[] = []
  let outgoing: Outgoing

  before(async () => {
    const certificate = await testCertificate('kubelet')
    kubelet = await startFakeKubelet(certificate)
    outgoing = createOutgoing({ clock: systemClock(), resolve: () => assert.fail('a kubelet is no service') })
    const options = { outgoing, clientCertificate: certificate, certificateAuthority: certificate.certificate, logger: silentLogger }
    const authorize = (_user: unknown, { verb, name, subresource }: RequestAttributes) => ({
      allowed: !(verb === 'create' && name === 'guarded' && subresource !== ''),
      reason: '',
    })
    dev = await startDevServer({ handlers: { subresources: nodeHandlers(options), reviews: {} }, authorizer: { authorize } })
    send = sender(dev.url)
    const node = (name: string, port: number) => ({
      metadata: { name },
      status: { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: port } } },
    })
    await send('POST', '/api/v1/nodes', node('node-1', kubelet.port))
    await send('POST', '/api/v1/nodes', node('off', 1))
    await send('POST', '/api/v1/nodes', { metadata: { name: 'mute' } })
    const pod = (name: string, nodeName: string | undefined, ...containers: string[]) => ({
      metadata: { name, namespace: 'default' },
      spec: {
        nodeName,
        containers: containers.map(one => ({ name: one, image: 'image' })),
        initContainers: [{ name: 'init', image: 'i' }],
      },
    })
    await send('POST', '/api/v1/namespaces/default/pods', pod('web', 'node-1', 'main'))
    await send('POST', '/api/v1/namespaces/default/pods', pod('guarded', 'node-1', 'main'))
    await send('POST', '/api/v1/namespaces/default/pods', pod('two', 'node-1', 'one', 'other'))
    await send('POST', '/api/v1/namespaces/default/pods', pod('unplaced', undefined, 'main'))
    for (const name of ['off', 'mute', 'lost']) await send('POST', '/api/v1/namespaces/default/pods', pod(`on-${name}`, name, 'main'))
  })
  after(async () => {
    outgoing.close()
    await dev.close()
    await kubelet.close()
  })
  beforeEach(() => {
    asked = []
  })

  const podPath = (name: string, rest: string) => `/api/v1/namespaces/default/pods/${name}/${rest}`
  const answerWith = (status: number, text: string) => {
    kubelet.respond = (request, response) => {
      asked.push(request)
      response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
    }
  }

  describe('log', () => {
    it('passes on what is wanted and what comes', async () => {
      answerWith(200, 'line 1\nline 2\n')
      const query = 'previous=true&timestamps=true&tailLines=5&limitBytes=100&sinceSeconds=9&follow=false'
      const answer = await send('GET', podPath('web', `log?${query}`))
      assert.deepEqual([answer.status, answer.text], [200, 'line 1\nline 2\n'])
      assert.equal(answer.headers['content-type'], 'text/plain')
      assert.equal(asked[0]?.url, '/containerLogs/default/web/main?previous=true&timestamps=true&sinceSeconds=9&tailLines=5&limitBytes=100')
    })

    it('chooses a container', async () => {
      answerWith(200, '')
      for (const container of ['other', 'init']) await send('GET', podPath('two', `log?container=${container}`))
      assert.deepEqual(
        asked.map(({ url }) => url),
        ['/containerLogs/default/two/other', '/containerLogs/default/two/init'],
      )
    })

    const refusals: readonly [string, number, string | RegExp][] = [
      ['two/log', 400, 'a container name must be specified for pod two, choose one of: [init one other]'],
      ['web/log?container=none', 400, 'container none is not valid for pod web'],
      ['none/log', 404, 'pods "none" not found'],
      ['on-lost/log', 404, 'nodes "lost" not found'],
      ['on-mute/log', 500, 'Internal error occurred: no preferred addresses found; known addresses: []'],
      ['on-off/log', 500, 'Get "https://127.0.0.1:1/containerLogs/default/on-off/main": dial tcp 127.0.0.1:1: connect: connection refused'],
      ['web/log?tailLines=-1', 422, 'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
      ['web/log?limitBytes=0', 422, 'PodLogOptions "web" is invalid: limitBytes: Invalid value: 0: must be greater than 0'],
      ['web/log?sinceSeconds=0', 422, 'PodLogOptions "web" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0'],
      ['web/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z', 422, /at most one of `sinceTime` or `sinceSeconds` may be specified/],
      ['web/log?stream=Both', 422, /stream: Unsupported value: "Both": supported values: "All", "Stderr", "Stdout"/],
      ['web/log?tailLines=many', 400, /parsing "many": invalid syntax/],
      ['web/log?sinceTime=yesterday', 400, /parsing time "yesterday"/],
    ]
    for (const [path, code, message] of refusals)
      it(`refuses ${path}`, async () => {
        const answer = await send('GET', `/api/v1/namespaces/default/pods/${path}`)
        const status = JSON.parse(answer.text)
        assert.equal(answer.status, code)
        if (typeof message === 'string') assert.equal(status.message, message)
        else assert.match(status.message, message)
      })

    const messagesOf = async (protocols: string[]) => {
      const url = dev.url.replace('https:', 'wss:') + podPath('web', 'log?follow=true')
      const client = new WebSocket(url, protocols, { rejectUnauthorized: false, headers: { authorization: 'Bearer x' } })
      const messages: [boolean, string][] = []
      client.on('message', (data, isBinary) => messages.push([isBinary, String(data)]))
      const [code] = await once(client, 'close')
      return { protocol: client.protocol, code, messages }
    }

    it('comes over a WebSocket, as bytes or in base64', async () => {
      answerWith(200, 'line 1\nline 2\n')
      const lines = 'line 1\nline 2\n'
      for (const protocols of [[], ['binary.k8s.io']])
        assert.deepEqual(await messagesOf(protocols), {
          protocol: protocols[0] ?? '',
          code: 1000,
          messages: [
            [true, ''],
            [true, lines],
          ],
        })
      const text = Buffer.from(lines).toString('base64')
      assert.deepEqual((await messagesOf(['base64.binary.k8s.io'])).messages, [
        [false, ''],
        [false, text],
      ])
    })

    it('says what the kubelet says', async () => {
      answerWith(400, 'container "main" in pod "web" is waiting to start: ContainerCreating')
      const waiting = JSON.parse((await send('GET', podPath('web', 'log'))).text)
      assert.deepEqual(
        [waiting.code, waiting.reason, waiting.message],
        [400, 'BadRequest', 'container "main" in pod "web" is waiting to start: ContainerCreating'],
      )
      answerWith(404, 'pod does not exist')
      const gone = JSON.parse((await send('GET', podPath('web', 'log'))).text)
      assert.deepEqual(
        [gone.code, gone.reason, gone.message],
        [404, 'NotFound', 'the server could not find the requested resource ( pods/log web)'],
      )
      answerWith(403, 'Forbidden (user=x)')
      assert.match(JSON.parse((await send('GET', podPath('web', 'log'))).text).message, /^Forbidden \(user=x\)/)
      answerWith(502, 'bad')
      assert.match(JSON.parse((await send('GET', podPath('web', 'log'))).text).message, /^an error on the server \("bad"\)/)
      answerWith(500, 'x'.repeat(100_000))
      const broken = JSON.parse((await send('GET', podPath('web', 'log'))).text)
      assert.equal(broken.code, 500)
      assert.ok(broken.message.length < 3000)
    })

    it('is empty before the pod has a node', async () => {
      const answer = await send('GET', podPath('unplaced', 'log'))
      assert.deepEqual([answer.status, answer.text], [200, ''])
    })

    it('follows, and ends with its client', async () => {
      let write: (text: string) => void = () => {}
      kubelet.respond = (_request, response) => {
        response.writeHead(200)
        response.flushHeaders()
        write = text => void response.write(text)
      }
      const outgoing = httpsRequest(`${dev.url}${podPath('web', 'log?follow=true')}`, {
        headers: { authorization: 'Bearer x' },
        rejectUnauthorized: false,
        agent: false,
      }).end()
      outgoing.on('error', () => {})
      // The head comes before the first line does.
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
      write('first\n')
      assert.equal(String((await once(response, 'data'))[0]), 'first\n')
      outgoing.destroy()
      await eventually(() => kubelet.connections === 0)
    })
  })

  describe('streams', () => {
    interface Opened {
      readonly response: IncomingMessage
      readonly socket?: Duplex
      readonly head?: Buffer
      readonly body?: string
    }
    const open = (path: string, headers: Record<string, string> = {}, method = 'POST') =>
      new Promise<Opened>((resolve, reject) => {
        httpsRequest(dev.url + path, {
          method,
          rejectUnauthorized: false,
          agent: false,
          headers: { authorization: 'Bearer x', connection: 'Upgrade', upgrade: 'SPDY/3.1', ...headers },
        })
          .on('upgrade', (response, socket, head) => resolve({ response, socket, head }))
          .on('response', async response => {
            let body = ''
            for await (const part of response) body += part
            resolve({ response, body })
          })
          .on('error', reject)
          .end()
      })
    const echo = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      asked.push(request)
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4\r\n\r\nearly ',
      )
      if (head.length) socket.write(head)
      socket.pipe(socket)
    }

    it('joins the client and the kubelet', async () => {
      kubelet.upgrade = echo
      const { socket, response, head } = await open(
        podPath('web', 'exec?command=sh&command=-c&command=a%26b&stdin=true&stdout=true&tty=false'),
        {
          'x-stream-protocol-version': 'v4.channel.k8s.io',
        },
      )
      assert.equal(response.headers['x-stream-protocol-version'], 'v4')
      assert.equal(asked[0]?.url, '/exec/default/web/main?input=1&output=1&command=sh&command=-c&command=a%26b')
      assert.equal(asked[0]?.headers['x-stream-protocol-version'], 'v4.channel.k8s.io')
      assert.equal(asked[0]?.headers.authorization, undefined)
      socket?.write('hello')
      let received = String(head)
      socket?.on('data', part => {
        received += part
      })
      await eventually(() => received === 'early hello')
      socket?.destroy()
      await eventually(() => kubelet.connections === 0)
    })

    it('ends the client with the kubelet', async () => {
      kubelet.upgrade = (request, socket, head) => {
        echo(request, socket, head)
        socket.end('bye')
      }
      const { socket } = await open(podPath('web', 'attach?stdout=1'))
      assert.equal(asked[0]?.url, '/attach/default/web/main?output=1')
      socket?.resume()
      if (!socket?.closed) await once(socket as Duplex, 'close')
    })

    it('forwards ports, over WebSocket with its headers but without the token', async () => {
      kubelet.upgrade = echo
      const token = 'base64url.bearer.authorization.k8s.io.eA'
      const { socket } = await open(
        podPath('web', 'portforward?ports=80&ports=81'),
        {
          upgrade: 'websocket',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-version': '13',
          'sec-websocket-protocol': `v4.channel.k8s.io, ${token}`,
        },
        'GET',
      )
      assert.equal(asked[0]?.url, '/portForward/default/web?port=80&port=81')
      assert.equal(asked[0]?.headers['sec-websocket-protocol'], 'v4.channel.k8s.io')
      assert.equal(asked[0]?.headers['sec-websocket-key'], 'dGhlIHNhbXBsZSBub25jZQ==')
      socket?.destroy()
    })

    it('lets the kubelet refuse in its own words', async () => {
      kubelet.upgrade = (_request, socket) =>
        void socket.end(
          'HTTP/1.1 403 Forbidden\r\nX-Accepted-Stream-Protocol-Versions: v4.channel.k8s.io\r\nContent-Type: text/plain\r\nContent-Length: 18\r\nConnection: close\r\n\r\nunable to upgrade.',
        )
      const { response, body } = await open(podPath('web', 'exec?command=sh&stdout=1'))
      assert.deepEqual([response.statusCode, body], [403, 'unable to upgrade.'])
      assert.equal(response.headers['x-accepted-stream-protocol-versions'], 'v4.channel.k8s.io')
    })

    it('follows no redirect', async () => {
      kubelet.upgrade = (_request, socket) =>
        void socket.end('HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      const { response } = await open(podPath('web', 'exec?command=sh&stdout=1'))
      assert.deepEqual([response.statusCode, response.headers.location], [302, undefined])
    })

    const refusals: readonly [string, number, string][] = [
      ['on-off/exec?command=sh', 500, 'error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused'],
      ['unplaced/exec?command=sh', 400, 'pod unplaced does not have a host assigned'],
      ['two/attach', 400, 'a container name must be specified for pod two, choose one of: [init one other]'],
      ['none/portforward', 404, 'pods "none" not found'],
    ]
    for (const [path, code, message] of refusals)
      it(`refuses ${path}`, async () => {
        const { response, body } = await open(`/api/v1/namespaces/default/pods/${path}`)
        assert.deepEqual([response.statusCode, JSON.parse(body ?? '').message], [code, message])
      })

    it('takes more than the right to read, by GET too', async () => {
      for (const method of ['GET', 'POST']) {
        const { response, body } = await open(podPath('guarded', 'exec?command=sh'), {}, method)
        assert.equal(response.statusCode, 403)
        assert.match(JSON.parse(body ?? '').message, /pods "guarded" is forbidden: User "dev" cannot create resource "pods\/exec"/)
      }
    })

    it('wants an upgrade', async () => {
      const answer = await send('POST', podPath('web', 'exec?command=sh'))
      assert.deepEqual([answer.status, JSON.parse(answer.text).message], [400, 'Upgrade request required'])
    })
  })
})
