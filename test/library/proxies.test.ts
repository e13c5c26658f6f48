import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { after, describe, it } from 'node:test'
import { connect } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** Requests through the API server to a pod, a service and a node, which stand in for what runs there. */

const own = Object.values(networkInterfaces())
  .flat()
  .find(one => one?.family === 'IPv4' && !one.internal)?.address
if (own === undefined) console.log('Proxies to pods are not tested: this machine has no address but loopback, which is refused.')

const core = '/api/v1/namespaces/default'

/** What a pod answers: it tells what it was asked, and has a few pages of its own. */
async function startBackend(host: string) {
  const connections = new Set<unknown>()
  const server = createServer((request, response) => {
    const { url = '', method, headers } = request
    if (url === '/page') return response.setHeader('content-type', 'text/html').end('<a href="/rewriteme">test</a>')
    if (url === '/packed')
      return response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'gzip' })
        .end(gzipSync('<a href="/x">'))
    if (url === '/redirect') return response.writeHead(302, { location: '/elsewhere', 'access-control-allow-origin': '*' }).end()
    if (url === '/away') return response.writeHead(307, { location: 'https://elsewhere.example/' }).end()
    if (url === '/broken') {
      response.writeHead(200, { 'content-length': '100' }).write('only this')
      return setTimeout(() => request.socket.destroy(), 20)
    }
    let body = ''
    request.on('data', part => {
      body += part
    })
    request.on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify({ method, url, headers, body })))
  })
  server.on('connection', socket => connections.add(socket))
  server.on('upgrade', (request, socket) => {
    if (request.url?.startsWith('/refuse')) return socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${request.headers.upgrade}\r\n\r\n`)
    socket.write(JSON.stringify(request.headers))
    socket.pipe(socket)
  })
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, connections, close }
}

describe('proxies', { skip: own === undefined && 'no address' }, async () => {
  const { send, kubectl, cluster } = await sharedLibraryCluster({ nodes: 0 })
  const backend = await startBackend(own ?? '127.0.0.1')
  after(() => backend.close())
  const must = async (method: string, path: string, body: unknown, headers?: Record<string, string>) => {
    const answer = await send(method, path, { body, headers })
    assert.ok(answer.status < 300, answer.text)
    return answer.json
  }
  const merge = { 'content-type': 'application/merge-patch+json' }
  const createPod = async (name: string, podIP: string) => {
    const ports = [{ name: 'http', containerPort: backend.port }]
    const serviceAccount = `${core}/serviceaccounts/default`
    await eventually(
      'the service account is there',
      10_000,
      () => send('GET', serviceAccount),
      ({ status }) => status === 200,
    )
    await must('POST', `${core}/pods`, {
      metadata: { name, labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'image', ports }] },
    })
    const conditions = [{ type: 'Ready', status: 'True' }]
    await must('PATCH', `${core}/pods/${name}/status`, { status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions } }, merge)
  }
  await createPod('web', own ?? '')
  const pod = `${core}/pods/web/proxy`

  it('pass every method with path, query, body and headers, and without credentials', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const body = method === 'GET' ? undefined : 'a body that is no JSON'
      const headers = {
        'content-type': 'text/plain',
        'x-remote-user': 'system:admin',
        'x-remote-group': 'system:masters',
        'x-remote-extra-scope': 'all',
        'x-own': 'mine',
      }
      const { status, json } = await send(method, `${pod}/a%2Fb/../c/?limit=x&x=1`, { body, headers })
      assert.equal(status, 200)
      assert.deepEqual([json.method, json.body], [method, body ?? ''])
      assert.equal(json.headers['x-own'], 'mine')
      const leaked = Object.keys(json.headers).filter(name => name === 'authorization' || name.startsWith('x-remote-'))
      assert.deepEqual(leaked, [])
      assert.match(json.headers['x-forwarded-for'], /127\.0\.0\.1/)
    }
    const { json } = await send('GET', `${core}/pods/http:web:${backend.port}/proxy/deep/path?q=1%202`)
    assert.equal(json.url, '/deep/path?q=1%202')
    const head = await send('HEAD', `${pod}/x`)
    assert.deepEqual([head.status, head.text], [200, ''])
  })

  it('show pages below the path of the proxy, and follow no redirect', async () => {
    const page = await send('GET', `${pod}/page`)
    assert.equal(page.text, `<a href="${pod}/rewriteme">test</a>`)
    const packed = await send('GET', `${pod}/packed`)
    assert.deepEqual([packed.text, packed.headers['content-encoding']], [`<a href="${pod}/x">`, undefined])
    const redirect = await send('GET', `${pod}/redirect`)
    assert.deepEqual([redirect.status, redirect.headers.location], [302, `${pod}/elsewhere`])
    assert.equal(redirect.headers['access-control-allow-origin'], undefined)
    const away = await send('GET', `${pod}/away`)
    assert.deepEqual([away.status, away.headers.location], [307, 'https://elsewhere.example/'])
    const bare = await send('GET', `${pod}?a=b`)
    assert.deepEqual([bare.status, bare.headers.location], [301, `${pod}/?a=b`])
    assert.equal((await send('POST', pod, { body: 'x' })).json.url, '/')
  })

  it('cut an answer short where the other side did', async () => {
    await assert.rejects(send('GET', `${pod}/broken`))
  })

  it('reach services by the name or number of a port, through pods alone', async () => {
    const ports = [{ name: 'portname1', port: 80, targetPort: backend.port }]
    await must('POST', `${core}/services`, { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports } })
    for (const name of ['web:portname1', 'web:80', 'http:web:portname1']) {
      const path = `${core}/services/${name}/proxy/x`
      await eventually(
        `${name} answers`,
        10_000,
        () => send('GET', path),
        ({ status }) => status === 200,
      )
      assert.equal((await send('GET', path)).json.url, '/x')
    }
    const message = async (name: string) => (await send('GET', `${core}/services/${name}/proxy/`)).json.message
    assert.equal(await message('web:81'), 'no service port 81 found for service "web"')
    assert.equal(await message('web:other'), 'no endpoints available for service "web:other"')
    assert.equal(await message('none'), 'services "none" not found')
    assert.equal(await message('ftp:web:80'), 'invalid service request "ftp:web:80"')
    // Whoever may write endpoints must not be able to send the API server to any address.
    await must('POST', `${core}/services`, { metadata: { name: 'anywhere' }, spec: { ports: [{ port: 80 }] } })
    const slice = { addressType: 'IPv4', ports: [{ port: backend.port }], endpoints: [{ addresses: [own] }] }
    const labels = { 'kubernetes.io/service-name': 'anywhere' }
    await must('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', { metadata: { name: 'anywhere', labels }, ...slice })
    assert.equal(await message('anywhere:80'), 'no endpoints available for service "anywhere:80"')
  })

  it('show pages of a node below the path of the proxy, and say why nobody answers there', async () => {
    await must('POST', '/api/v1/nodes', { metadata: { name: 'machine' } })
    const status = { addresses: [{ type: 'InternalIP', address: own }], daemonEndpoints: { kubeletEndpoint: { Port: 1 } } }
    await must('PATCH', '/api/v1/nodes/machine/status', { status }, merge)
    const prefix = `/api/v1/nodes/http:machine:${backend.port}/proxy`
    assert.equal((await send('GET', `${prefix}/page`)).text, `<a href="${prefix}/rewriteme">test</a>`)
    assert.equal((await send('GET', `${prefix}/redirect`)).headers.location, `${prefix}/elsewhere`)
    for (const name of ['machine', 'machine:1', 'machine:2']) {
      const { status: code, json } = await send('GET', `/api/v1/nodes/${name}/proxy/logs/`)
      assert.deepEqual([code, json.reason], [503, 'ServiceUnavailable'], name)
      assert.match(json.message, /^error trying to reach service: dial tcp .*: connect: connection refused$/)
    }
  })

  it('refuse addresses of this machine and its segment, names that are paths, and pods that are not there', async () => {
    for (const [name, ip] of [
      ['loop', '127.0.0.1'],
      ['metadata', '169.254.169.254'],
    ] as const) {
      await createPod(name, ip)
      const { status, json } = await send('GET', `${core}/pods/${name}:${backend.port}/proxy/`)
      assert.deepEqual([status, json.reason, json.message], [400, 'BadRequest', 'address not allowed'])
    }
    for (const name of ['none', '..%2F..%2Fkube-system%2Fpods%2Fweb', '..%2Fdefault%2Fweb', '%2E%2E'])
      assert.equal((await send('GET', `${core}/pods/${name}/proxy/x`)).status, 404, name)
    const odd = await send('GET', `${core}/pods/web:99999/proxy/`)
    assert.equal(odd.status, 400)
    await createPod('deaf', own ?? '')
    const unheard = await send('GET', `${core}/pods/deaf:1/proxy/`)
    assert.deepEqual(
      [unheard.status, unheard.json.message],
      [503, `error trying to reach service: dial tcp ${own}:1: connect: connection refused`],
    )
  })

  it('ask for the right of the verb on the subresource', async () => {
    const rules = [{ apiGroups: [''], resources: ['pods/proxy'], verbs: ['get'] }]
    await must('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', { metadata: { name: 'see' }, rules })
    const subjects = [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }]
    const roleRef = { kind: 'Role', name: 'see', apiGroup: 'rbac.authorization.k8s.io' }
    await must('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
      metadata: { name: 'see' },
      subjects,
      roleRef,
    })
    const headers = { 'impersonate-user': 'ann' }
    const seen = await send('GET', `${pod}/x`, { headers })
    assert.deepEqual([seen.status, seen.json.headers['impersonate-user']], [200, undefined])
    const posted = await send('POST', `${pod}/x`, { headers, body: 'x' })
    assert.match(posted.json.message, /User "ann" cannot create resource "pods\/proxy" in API group "" in the namespace "default"$/)
    assert.equal((await send('GET', `${core}/services/web:80/proxy/`, { headers })).status, 403)
  })

  const upgrade = (path: string, more: readonly string[] = []) =>
    new Promise<{ readonly text: string; readonly socket: ReturnType<typeof connect> }>((resolve, reject) => {
      const { hostname, port } = new URL(cluster.server)
      const socket = connect({ host: hostname, port: Number(port), ca: cluster.certificateAuthority, ALPNProtocols: ['http/1.1'] }, () => {
        const lines = [
          `GET ${path} HTTP/1.1`,
          `Host: ${hostname}`,
          'Connection: Upgrade',
          'Upgrade: echo',
          `Authorization: Bearer ${cluster.token}`,
        ]
        socket.write(`${[...lines, ...more].join('\r\n')}\r\n\r\n`)
      })
      let text = ''
      socket.on('data', part => {
        text += part
        if (/\r\n\r\n./s.test(text)) resolve({ text, socket })
      })
      socket.on('error', reject)
    })

  it('hand over a connection that switches protocols, without credentials', async () => {
    const { text, socket } = await upgrade(`${pod}/chat`, ['X-Remote-User: admin'])
    assert.match(text, /^HTTP\/1\.1 101 /)
    assert.ok(!text.includes(cluster.token) && !text.includes('x-remote-user'), text)
    const echoed = new Promise(resolve => socket.once('data', part => resolve(part.toString())))
    socket.write('hello')
    assert.equal(await echoed, 'hello')
    socket.destroy()
  })

  it('never use a connection again that was to switch protocols and did not', async () => {
    const before = backend.connections.size
    const { text, socket } = await upgrade(`${pod}/refuse`)
    assert.match(text, /^HTTP\/1\.1 403 Forbidden\r\n/)
    const ended = new Promise(resolve => socket.once('close', resolve))
    // What an attacker would smuggle to the other side over the connection that stayed.
    socket.write(`GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`)
    await ended
    assert.equal(backend.connections.size, before + 1)
    assert.ok(!text.includes('smuggled'))
  })

  it('are what kubectl uses', { skip: findKubectls().length === 0 && 'no kubectl' }, async () => {
    const path = findKubectls().at(-1)?.path ?? ''
    const raw = await kubectl(path, ['get', '--raw', `${pod}/page`])
    assert.equal(raw.stdout, `<a href="${pod}/rewriteme">test</a>`)
  })

  it('do not reach what is not there any more', async () => {
    await must('DELETE', `${core}/pods/web?gracePeriodSeconds=0`, undefined)
    assert.equal((await send('GET', `${pod}/x`)).status, 404)
  })
})
