import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { after, before, describe, it } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import { decodeProtobufEnvelope, decodeProtobufMessage } from '../apimachinery/codec/index.ts'
import { ageColumn, defineKind, nameColumn, topLevel } from '../apimachinery/kind.ts'
import { int32, type ObjectNode, object, optional } from '../apimachinery/schema.ts'
import { type DevServer, startDevServer } from './dev.test-support.ts'
import { discoveryMessages } from './discovery/messages.ts'
import { httpsConnection, type Send, sender } from './https-connection.test-support.ts'
import type { SubresourceHandler } from './types.ts'

let dev: DevServer
let send: Send
let unfinished: string | undefined
before(async () => {
  const exec: SubresourceHandler = {
    handle: async () => ({ answer: { status: 400, headers: {} } }),
    async upgrade({ name, subresource, query }, { socket, head }) {
      socket.end(`HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\n\r\n${subresource} ${name} ${query.get('command')} ${head}`)
    },
  }
  dev = await startDevServer({
    handlers: { subresources: { exec }, reviews: {} },
    startHooks: { 'poststarthook/x': () => unfinished },
    paths: { '/given': () => ({ status: 200, headers: {}, body: 'given' }) },
  })
  send = sender(dev.url)
})
after(() => dev.close())

const collection = '/api/v1/namespaces/default/configmaps'
const plainRequest = async (url: string) => {
  const answer = await fetch(url)
  return { status: answer.status, text: await answer.text() }
}
const withoutEmpty = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, member) =>
      member === '' || member === false || (Array.isArray(member) && member.length === 0) ? undefined : member,
    ),
  )
const configMap = (name: string, data: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })

describe('HTTP', () => {
  it('answers every error as a Status', async () => {
    const cases: [string, string, unknown, Record<string, string>, number, string][] = [
      ['GET', '/nothing/here', undefined, {}, 404, 'NotFound'],
      ['GET', '/apis/nobody/v1/things', undefined, {}, 404, 'NotFound'],
      ['GET', `${collection}/none`, undefined, {}, 404, 'NotFound'],
      ['GET', '/api/v1/pods', undefined, { accept: 'image/png' }, 406, 'NotAcceptable'],
      ['POST', collection, 'x', { 'content-type': 'text/html' }, 415, 'UnsupportedMediaType'],
      ['POST', collection, '{"a":', {}, 400, 'BadRequest'],
      ['POST', collection, 'x'.repeat(3 * 1024 * 1024 + 1), {}, 413, 'RequestEntityTooLarge'],
      ['POST', collection, '['.repeat(2000) + ']'.repeat(2000), {}, 400, 'BadRequest'],
      ['PATCH', `${collection}/x`, '{}', { 'content-type': 'application/json' }, 415, 'UnsupportedMediaType'],
      ['POST', `${collection}?dryRun=Some`, configMap('x'), {}, 422, 'Invalid'],
      ['GET', `${collection}?limit=many`, undefined, {}, 400, 'BadRequest'],
      ['GET', `${collection}?resourceVersion=1&resourceVersionMatch=Wrong`, undefined, {}, 422, 'Invalid'],
      ['GET', `${collection}?watch=1&sendInitialEvents=true`, undefined, {}, 422, 'Invalid'],
      ['GET', '/api/v1/pods', undefined, { authorization: 'Basic eA==' }, 401, 'Unauthorized'],
      ['PUT', '/api/v1/pods', '{}', {}, 405, 'MethodNotAllowed'],
    ]
    for (const [method, path, body, headers, code, reason] of cases) {
      const answer = await send(method, path, body, headers)
      const status = JSON.parse(answer.text) as { kind: string; reason: string; code: number }
      assert.deepEqual(
        [answer.status, status.kind, status.reason, status.code],
        [code, 'Status', reason, code],
        `${method} ${path}: ${answer.text}`,
      )
    }
  })

  it('serves what it says of itself with or without a slash behind it, and nothing where a path begins with two', async () => {
    for (const path of ['/api', '/apis', '/apis/apps/v1', '/version', '/openapi/v2', '/given']) {
      const [without, behind] = [await send('GET', path), await send('GET', `${path}/`)]
      assert.deepEqual([behind.status, behind.text], [200, without.text], path)
    }
    assert.deepEqual([(await send('GET', '//api/v1/pods')).status, (await send('GET', '//')).status], [404, 404])
  })

  it('takes a request that names the server before the path', async () => {
    const { hostname, port } = new URL(dev.url)
    const socket = tlsConnect({ host: hostname, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    socket.end('GET https://any.example/version?x=y HTTP/1.1\r\nhost: any.example\r\nauthorization: Bearer x\r\nconnection: close\r\n\r\n')
    const text = Buffer.concat(await socket.toArray()).toString()
    assert.match(text, /^HTTP\/1.1 200 .*"gitVersion"/s)
  })

  it('tells who speaks plain HTTP to speak HTTPS', async () => {
    const { status, text } = await plainRequest(dev.url.replace('https:', 'http:'))
    assert.deepEqual([status, text], [400, 'Client sent an HTTP request to an HTTPS server.\n'])
    assert.equal((await send('GET', '/version')).status, 200)
  })

  it('warns about unknown and repeated fields in headers, and refuses them when strict', async () => {
    const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"warned"},"dta":{},"data":{"a":"1","a":"2"}}'
    const warned = await send('POST', collection, body)
    assert.equal(warned.status, 201)
    assert.equal(warned.headers.warning, '299 - "unknown field \\"dta\\"", 299 - "duplicate field \\"data.a\\""')
    assert.equal((await send('POST', `${collection}?fieldValidation=Strict`, body)).status, 400)
    assert.equal(
      (await send('POST', `${collection}?fieldValidation=Ignore&dryRun=All`, body.replace('warned', 'silent'))).headers.warning,
      undefined,
    )
  })

  it('takes YAML and protobuf, and writes them', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n'
    const made = await send('POST', collection, yaml, { 'content-type': 'application/yaml', accept: 'application/yaml' })
    assert.equal(made.status, 201)
    assert.match(made.text, /^apiVersion: v1\ndata:\n {2}a: ["']1["']\nkind: ConfigMap\n/)
    const binary = await send('GET', `${collection}/yaml`, undefined, { accept: 'application/vnd.kubernetes.protobuf' })
    assert.equal(binary.headers['content-type'], 'application/vnd.kubernetes.protobuf')
    assert.deepEqual([...binary.body.subarray(0, 4)], [0x6b, 0x38, 0x73, 0])
    const list = await send('GET', collection, undefined, { accept: 'application/vnd.kubernetes.protobuf,application/json' })
    assert.deepEqual([...list.body.subarray(0, 4)], [0x6b, 0x38, 0x73, 0])
  })

  it('lists built-in kinds bare, single objects with type meta', async () => {
    await send('POST', collection, configMap('bare'))
    const list = JSON.parse((await send('GET', `${collection}?fieldSelector=metadata.name=bare`)).text)
    assert.deepEqual([list.kind, list.apiVersion, Object.keys(list.items[0])], ['ConfigMapList', 'v1', ['metadata']])
    const one = JSON.parse((await send('GET', `${collection}/bare`)).text)
    assert.deepEqual([one.kind, one.apiVersion], ['ConfigMap', 'v1'])
    assert.equal(one.metadata.resourceVersion, list.items[0].metadata.resourceVersion)
    assert.deepEqual(one.metadata.managedFields, list.items[0].metadata.managedFields)
  })

  it('prints tables and metadata only', async () => {
    await send('POST', collection, configMap('table', { a: '1', b: '2' }))
    const as = (what: string) => ({ accept: `application/json;as=${what};v=v1;g=meta.k8s.io,application/json` })
    const table = JSON.parse((await send('GET', `${collection}?fieldSelector=metadata.name=table`, undefined, as('Table'))).text)
    assert.deepEqual([table.kind, table.rows.length, table.rows[0].cells.slice(0, 2)], ['Table', 1, ['table', 2]])
    assert.equal(table.rows[0].object.kind, 'PartialObjectMetadata')
    assert.equal(table.columnDefinitions[0].name, 'Name')
    const partial = JSON.parse((await send('GET', `${collection}/table`, undefined, as('PartialObjectMetadata'))).text)
    assert.deepEqual([partial.kind, partial.metadata.name, partial.data], ['PartialObjectMetadata', 'table', undefined])
    const partials = JSON.parse((await send('GET', collection, undefined, as('PartialObjectMetadataList'))).text)
    assert.equal(partials.kind, 'PartialObjectMetadataList')
  })

  it('compresses large answers for those who can read it', async () => {
    for (let index = 0; index < 4; index++) await send('POST', collection, configMap(`large-${index}`, { a: 'x'.repeat(100_000) }))
    const plain = await send('GET', collection)
    const zipped = await send('GET', collection, undefined, { 'accept-encoding': 'gzip' })
    assert.equal(zipped.headers['content-encoding'], 'gzip')
    assert.equal(gunzipSync(zipped.body).toString(), plain.text)
    assert.equal((await send('GET', `${collection}/bare`, undefined, { 'accept-encoding': 'gzip' })).headers['content-encoding'], undefined)
  })

  it('says in discovery what it serves, and answers 304 to those who know', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const answer = await send('GET', '/apis', undefined, { accept })
    const document = JSON.parse(answer.text)
    assert.equal(document.kind, 'APIGroupDiscoveryList')
    assert.ok(document.items.some((item: { metadata: { name: string } }) => item.metadata.name === 'apps'))
    const again = await send('GET', '/apis', undefined, { accept, 'if-none-match': String(answer.headers.etag) })
    assert.deepEqual([again.status, again.text], [304, ''])
    assert.equal(JSON.parse((await send('GET', '/apis')).text).kind, 'APIGroupList')
    assert.equal(JSON.parse((await send('GET', '/api')).text).kind, 'APIVersions')
    assert.equal(JSON.parse((await send('GET', '/apis/apps/v1')).text).kind, 'APIResourceList')
    assert.equal(JSON.parse((await send('GET', '/version')).text).gitVersion, 'v1.36.2+proa')
  })

  it('writes discovery in protobuf and YAML, as objects', async () => {
    const paths = {
      '/api': 'APIVersions',
      '/apis': 'APIGroupList',
      '/apis/apps': 'APIGroup',
      '/apis/apps/v1': 'APIResourceList',
      '/api/v1': 'APIResourceList',
    }
    const accept = 'application/vnd.kubernetes.protobuf'
    for (const [path, kind] of Object.entries(paths)) {
      const answer = await send('GET', path, undefined, { accept })
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, accept], path)
      const envelope = decodeProtobufEnvelope(answer.body)
      const { apiVersion = '', kind: _, ...expected } = JSON.parse((await send('GET', path)).text)
      assert.deepEqual([envelope.kind, envelope.apiVersion], [kind, apiVersion])
      const decoded = decodeProtobufMessage(discoveryMessages[kind] as ObjectNode, envelope.raw)
      // A message has no word for what is empty.
      assert.deepEqual(withoutEmpty(decoded), withoutEmpty(expected), path)
      assert.match((await send('GET', path, undefined, { accept: 'application/yaml' })).text, new RegExp(`^kind: ${kind}$`, 'm'))
      assert.equal(
        (await send('GET', path, undefined, { accept: 'application/vnd.kubernetes.protobuf,*/*' })).headers['content-type'],
        accept,
      )
    }
  })

  it('says 406 where it has nothing that the client accepts, and which forms there are', async () => {
    const all = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
    const cases: readonly (readonly [method: string, path: string, accept: string, listed: string])[] = [
      ['GET', '/api', 'text/html', all],
      ['GET', '/apis', 'text/html', all],
      ['GET', '/apis/apps/v1', 'text/html', all],
      ['GET', collection, 'text/html', all],
      ['GET', `${collection}/x`, 'text/html', all],
      ['POST', collection, 'text/html', all],
      ['PUT', `${collection}/x`, 'text/html', all],
      ['DELETE', `${collection}/x`, 'text/html', all],
      ['GET', '/api/v1/namespaces/default/pods/p/log', 'text/plain', all],
      ['GET', `${collection}?watch=1`, 'text/html', all],
      [
        'GET',
        `${collection}?watch=1`,
        'application/yaml',
        'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
      ],
      ['GET', collection, 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io', all],
    ]
    for (const [method, path, accept, listed] of cases) {
      const answer = await send(method, path, method === 'GET' ? undefined : configMap('x'), { accept })
      assert.equal(answer.status, 406, `${method} ${path}: ${answer.text}`)
      assert.ok(answer.text.includes(`only the following media types are accepted: ${listed}`), answer.text)
      if (accept.includes('protobuf') || accept.includes('yaml')) continue
      const { kind, status, reason, message, code } = JSON.parse(answer.text)
      const expected = ['Status', 'Failure', 'NotAcceptable', `only the following media types are accepted: ${listed}`, 406]
      assert.deepEqual([kind, status, reason, message, code], expected)
    }
  })

  it('writes refusals in the form that the client accepts', async () => {
    const typeOf = async (accept: string) => (await send('GET', `${collection}/none`, undefined, { accept })).headers['content-type']
    assert.equal(await typeOf('application/vnd.kubernetes.protobuf,application/json'), 'application/vnd.kubernetes.protobuf')
    assert.equal(await typeOf('application/yaml'), 'application/yaml')
    assert.equal(await typeOf('application/json;as=Table;v=v1;g=meta.k8s.io,application/json'), 'application/json')
    assert.equal(await typeOf('text/html'), 'application/json')
  })

  it('serves OpenAPI under the hash of its content', async () => {
    const index = JSON.parse((await send('GET', '/openapi/v3')).text)
    const url = index.paths['apis/apps/v1'].serverRelativeURL as string
    const document = await send('GET', url)
    assert.match(String(document.headers['cache-control']), /immutable/)
    assert.ok(JSON.parse(document.text).components.schemas['io.k8s.api.apps.v1.Deployment'])
    assert.equal((await send('GET', url.replace(/hash=.*/, 'hash=old'))).status, 301)
    const second = await send('GET', '/openapi/v2', undefined, { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' })
    assert.equal(second.headers['content-type'], 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
  })

  it('tells how it is', async () => {
    assert.equal((await send('GET', '/livez')).text, 'ok')
    assert.match((await send('GET', '/readyz?verbose')).text, /^\[\+\]ping ok\n[\s\S]*readyz check passed\n$/)
    assert.equal((await send('GET', '/readyz/ping')).text, 'ok')
    assert.equal((await send('GET', '/readyz/unknown')).status, 404)
    assert.equal((await send('GET', '/readyz/toString')).status, 404)
    for (const endpoint of ['readyz', 'livez', 'healthz']) {
      const { text } = await send('GET', `/${endpoint}?verbose`)
      const names = [...text.matchAll(/^\[\+\](.*) ok$/gm)].map(([, name]) => name)
      assert.ok(names.length >= 3, text)
      for (const name of names) {
        const single = await send('GET', `/${endpoint}/${name}`)
        assert.deepEqual([single.status, single.text], [200, 'ok'], `${endpoint}/${name}`)
      }
    }
    assert.equal((await send('GET', '/readyz/informer-sync')).text, 'ok')
  })

  it('leaves out checks that are excluded, and says which there are not', async () => {
    const { text } = await send('GET', '/readyz?verbose&exclude=etcd&exclude=b&exclude=a')
    assert.match(text, /^\[\+\]etcd excluded: ok$/m)
    assert.match(text, /^warn: some health checks cannot be excluded: no matches for "a", "b"\nreadyz check passed\n$/m)
  })

  it('fails while work of the start is not done, and says so at the check itself', async () => {
    assert.equal((await send('GET', '/readyz')).text, 'ok')
    unfinished = 'not finished'
    try {
      for (const endpoint of ['readyz', 'livez', 'healthz']) {
        const all = await send('GET', `/${endpoint}`)
        assert.equal(all.status, 500)
        assert.match(all.text, new RegExp(`^\\[-\\]poststarthook/x failed: reason withheld\n[\\s\\S]*${endpoint} check failed\n$`, 'm'))
        const one = await send('GET', `/${endpoint}/poststarthook/x`)
        assert.deepEqual([one.status, one.text], [500, 'internal server error: not finished\n'])
        assert.equal((await send('GET', `/${endpoint}?exclude=poststarthook/x`)).text, 'ok')
      }
    } finally {
      unfinished = undefined
    }
    assert.match((await send('GET', '/')).text, /"\/readyz\/poststarthook\/x"/)
  })

  it('counts what it is asked', async () => {
    const head = await send('HEAD', '/healthz')
    assert.deepEqual([head.status, head.text], [200, ''])
    await send('GET', '/api/v1/inventions/x/y')
    assert.doesNotMatch((await send('GET', '/metrics')).text, /inventions/)
    assert.match((await send('GET', '/metrics')).text, /^apiserver_request_total\{verb="POST".*resource="configmaps".*code="201".*\} \d+$/m)
    assert.match((await send('GET', '/metrics')).text, /^apiserver_resource_objects\{group="",resource="configmaps"\} [1-9]\d*$/m)
    assert.match((await send('GET', '/metrics')).text, /^kubernetes_build_info\{major="1",.*git_version="v1\.36\..*\} 1$/m)
  })

  it('tells by HEAD the length that GET would send', async () => {
    for (const path of ['/healthz', '/version', '/api', `${collection}?limit=1`, `${collection}/none`, '/nothing/here']) {
      const [head, get] = [await send('HEAD', path), await send('GET', path)]
      assert.deepEqual([head.status, head.text], [get.status, ''], path)
      assert.deepEqual(
        [head.headers['content-length'], Number(get.headers['content-length']) > 0],
        [get.headers['content-length'], true],
        path,
      )
    }
    const session = connect(dev.url, { rejectUnauthorized: false })
    try {
      const stream = session.request({ ':method': 'HEAD', ':path': '/healthz' })
      const [headers] = await once(stream, 'response')
      assert.equal(headers['content-length'], '2')
    } finally {
      session.close()
    }
  })

  it('takes long commands over h2 as over http/1.1', async () => {
    const session = connect(dev.url, { rejectUnauthorized: false, maxSendHeaderBlockLength: 2 << 20 })
    try {
      const ask = async (length: number) => {
        const stream = session.request({ ':path': `/healthz?command=${'x'.repeat(length)}` })
        return once(stream, 'response').then(
          ([headers]) => headers[':status'],
          () => 'refused',
        )
      }
      assert.deepEqual([await ask(900_000), await ask(1_100_000), await ask(10)], [200, 'refused', 200])
    } finally {
      session.close()
    }
  })

  it('describes in OpenAPI what it says of itself, and proxies with all that is handed on', async () => {
    const version2 = JSON.parse((await send('GET', '/openapi/v2')).text)
    const proxy = '/api/v1/namespaces/{namespace}/pods/{name}/proxy'
    const methods = ['delete', 'get', 'head', 'options', 'parameters', 'patch', 'post', 'put']
    for (const [path, ending] of [
      [proxy, ''],
      [`${proxy}/{path}`, 'WithPath'],
    ] as const) {
      assert.deepEqual(Object.keys(version2.paths[path]).sort(), methods)
      assert.equal(version2.paths[path].head.operationId, `connectCoreV1HeadNamespacedPodProxy${ending}`)
    }
    const inPath = version2.paths[`${proxy}/{path}`].parameters.filter((one: { in: string }) => one.in === 'path')
    assert.deepEqual(
      inPath.map((one: { name: string }) => one.name),
      ['name', 'namespace', 'path'],
    )
    const exec = version2.paths['/api/v1/namespaces/{namespace}/pods/{name}/exec']
    assert.deepEqual(Object.keys(exec).sort(), ['get', 'parameters', 'post'])
    const ids = Object.values<object>(version2.paths).flatMap(item =>
      Object.values(item).flatMap(one => (one as { operationId?: string }).operationId ?? []),
    )
    assert.equal(new Set(ids).size, ids.length)

    const { paths: index } = JSON.parse((await send('GET', '/openapi/v3')).text)
    const cases = [
      ['version', '/version/', 'getCodeVersion', 'io.k8s.apimachinery.pkg.version.Info'],
      ['api', '/api/', 'getCoreAPIVersions', 'io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions'],
      ['apis', '/apis/', 'getAPIVersions', 'io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList'],
      [
        'apis/rbac.authorization.k8s.io',
        '/apis/rbac.authorization.k8s.io/',
        'getRbacAuthorizationAPIGroup',
        'io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup',
      ],
    ] as const
    for (const [document, path, id, answer] of cases) {
      assert.equal(version2.paths[path].get.operationId, id)
      assert.equal(version2.paths[path].get.responses[200].schema.$ref, `#/definitions/${answer}`)
      assert.ok(version2.definitions[answer])
      const version3 = JSON.parse((await send('GET', index[document].serverRelativeURL)).text)
      assert.equal(version3.paths[path].get.operationId, id)
      assert.ok(version3.components.schemas[answer])
    }
  })

  it('speaks h2, many requests on one connection', async () => {
    const session = connect(dev.url, { rejectUnauthorized: false })
    const get = (path: string) =>
      new Promise<string>((resolve, reject) => {
        const stream = session.request({ ':path': path, authorization: 'Bearer x' })
        let text = ''
        stream.on('data', chunk => {
          text += chunk
        })
        stream.on('end', () => resolve(text))
        stream.on('error', reject)
      })
    try {
      const answers = await Promise.all(Array.from({ length: 50 }, () => get(`${collection}/bare`)))
      assert.equal(new Set(answers).size, 1)
      assert.equal(JSON.parse(answers[0] ?? '').metadata.name, 'bare')
    } finally {
      session.close()
    }
  })
})

describe('upgrades', () => {
  const raw = (path: string, authorization = 'Bearer x', accept = '*/*') =>
    new Promise<string>((resolve, reject) => {
      const socket = tlsConnect({ host: '127.0.0.1', port: dev.listening.port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      let text = ''
      socket.on('data', chunk => {
        text += chunk
      })
      socket.on('end', () => resolve(text))
      socket.on('error', reject)
      const head = [
        `GET ${path} HTTP/1.1`,
        'host: x',
        `authorization: ${authorization}`,
        `accept: ${accept}`,
        'connection: upgrade',
        'upgrade: echo',
      ]
      socket.write(`${head.join('\r\n')}\r\n\r\nhello`)
    })

  it('hand the connection to the handler of the subresource', async () => {
    const answer = await raw('/api/v1/namespaces/default/pods/p/exec?command=ls')
    assert.match(answer, /^HTTP\/1\.1 101 .*\r\n\r\nexec p ls hello$/s)
  })

  it('may have long paths, as commands have that carry a file', async () => {
    const command = 'x'.repeat(900_000)
    const answer = await raw(`/api/v1/namespaces/default/pods/p/exec?command=${command}`)
    assert.equal(answer.slice(0, 12), 'HTTP/1.1 101')
    assert.ok(answer.endsWith(`\r\n\r\nexec p ${command} hello`), `${answer.length} bytes`)
  })

  it('get the usual answer, in the form asked for, where there is nothing to take them', async () => {
    const path = '/api/v1/namespaces/default/pods/p'
    assert.match(await raw(path), /^HTTP\/1\.1 404 .*"kind":"Status"/s)
    assert.match(await raw(path, 'Bearer x', 'application/yaml'), /^HTTP\/1\.1 404 .*^kind: Status$/ms)
    assert.match(await raw(path, 'Bearer x', 'application/vnd.kubernetes.protobuf'), /^HTTP\/1\.1 404 .*\r\n\r\nk8s\0/s)
  })

  it('are refused with a Status in JSON, whatever else the client reads', async () => {
    for (const accept of ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'])
      assert.match(
        await raw('/api/v1/namespaces/default/pods/p/exec', 'Basic eA==', accept),
        /^HTTP\/1\.1 401 .*\{"kind":"Status".*"reason":"Unauthorized"/s,
      )
  })
})

describe('a kind that comes and goes', () => {
  const Ship = topLevel('com.example.v1.Ship', 'A ship.', {
    spec: optional(0, object('com.example.v1.ShipSpec', 'What is wanted.', { masts: optional(0, int32, 'How many.') }), 'What is wanted.'),
  })
  const ship = defineKind({
    kind: 'Ship',
    resource: 'ships',
    group: 'example.com',
    version: 'v1',
    schema: Ship,
    scope: 'Namespaced',
    columns: [nameColumn, ageColumn],
    strategy: { validate: () => [], allowUnconditionalUpdate: true },
    custom: true,
  })
  const path = '/apis/example.com/v1/namespaces/default/ships'
  const named = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name }, spec: { masts: 3 } })

  it('is served by everything at once, and by nothing afterwards', async () => {
    assert.equal((await send('GET', path)).status, 404)
    dev.server.registerKind(ship as never)
    assert.equal((await send('POST', path, named('vela'))).status, 201)
    const list = JSON.parse((await send('GET', path)).text)
    assert.deepEqual([list.kind, list.items[0].kind, list.items[0].spec.masts], ['ShipList', 'Ship', 3])
    assert.match((await send('GET', '/apis')).text, /example\.com/)
    assert.match((await send('GET', '/openapi/v3')).text, /apis\/example\.com\/v1/)
    const api = httpsConnection(dev.url)
    const resource = { group: 'example.com', version: 'v1', resource: 'ships' }
    const applied = await api.call({
      verb: 'patch',
      resource,
      namespace: 'default',
      name: 'vela',
      patchType: 'apply',
      body: { ...named('vela'), spec: { masts: 4 } },
      options: { fieldManager: 'me', force: true },
    })
    assert.deepEqual((applied as { spec?: object }).spec, { masts: 4 })
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' }
    assert.equal((await send('PATCH', `${path}/vela`, {}, strategic)).status, 415)
    const view = dev.server.connect({ name: 'x', groups: [] }).view?.(resource)
    assert.equal(view?.get('default', 'vela')?.metadata.name, 'vela')
    dev.server.unregisterKind('example.com', 'ships')
    assert.equal((await send('GET', path)).status, 404)
    assert.doesNotMatch((await send('GET', '/apis')).text, /example\.com/)
  })
})
