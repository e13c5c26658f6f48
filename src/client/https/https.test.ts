import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { isNotFound, type StatusError } from '../../apimachinery/api-errors.ts'
import type { ApiCall } from '../../apimachinery/connection.ts'
import { jsonLines } from '../../apimachinery/http/json-lines.ts'
import { requestBody, requestPath } from '../../apimachinery/http/request-path.ts'
import { seededRandom, systemClock } from '../../base/index.ts'
import { serveOverHttp } from '../testing/api-over-http.ts'
import { createFakeApi } from '../testing/fake-api.ts'
import { ConnectionError, httpsConnection } from './index.ts'

const pods = { group: '', version: 'v1', resource: 'pods' }
const deployments = { group: 'apps', version: 'v1', resource: 'deployments' }

const paths: [call: ApiCall, path: string][] = [
  [{ verb: 'list', resource: pods }, '/api/v1/pods'],
  [
    { verb: 'get', resource: deployments, namespace: 'a', name: 'b', subresource: 'status' },
    '/apis/apps/v1/namespaces/a/deployments/b/status',
  ],
  [
    { verb: 'watch', resource: pods, namespace: 'a', options: { resourceVersion: '5', allowWatchBookmarks: true } },
    '/api/v1/namespaces/a/pods?watch=true&resourceVersion=5&allowWatchBookmarks=true',
  ],
  [
    { verb: 'list', resource: pods, options: { labelSelector: 'a in (b,c)', limit: 2 } },
    '/api/v1/pods?labelSelector=a+in+%28b%2Cc%29&limit=2',
  ],
  [
    {
      verb: 'patch',
      resource: deployments,
      namespace: 'a',
      name: 'b',
      patchType: 'apply',
      options: { fieldManager: 'm', force: true, dryRun: true },
    },
    '/apis/apps/v1/namespaces/a/deployments/b?fieldManager=m&force=true&dryRun=All',
  ],
  [
    { verb: 'get', resource: { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' }, name: 'system:node/x' },
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode%2Fx',
  ],
]

async function withServer(
  run: (server: Awaited<ReturnType<typeof serveOverHttp>>, api: ReturnType<typeof createFakeApi>) => Promise<void>,
) {
  const api = createFakeApi()
  const server = await serveOverHttp(api.connect({ views: false }))
  try {
    await run(server, api)
  } finally {
    await server.close()
  }
}

/** A server that takes connections and never says a word, as one that was stopped. */
async function withSilentServer(run: (address: string) => Promise<void>) {
  const sockets = new Set<Socket>()
  const server = createServer(socket => void sockets.add(socket))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    await run(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

describe('HTTPS connection', () => {
  test('an abort and a close end the wait for a server that never answers', () =>
    withSilentServer(async server => {
      const connection = httpsConnection({ server, clock: systemClock(), random: seededRandom(1), connectTimeout_ms: 600_000 })
      const abort = new AbortController()
      const aborted = connection.call({ verb: 'list', resource: pods, signal: abort.signal })
      const closed = connection.call({ verb: 'list', resource: pods })
      abort.abort(new Error('no more patience'))
      await assert.rejects(aborted, /no more patience/)
      await Promise.all([assert.rejects(closed, ConnectionError), connection.close()])
    }))

  for (const [call, path] of paths) test(`${call.verb} is ${path}`, () => assert.equal(requestPath(call), path))

  test('patches and deletions say what they are', () => {
    assert.equal(
      requestBody({ verb: 'patch', resource: pods, patchType: 'strategic', body: {} })?.type,
      'application/strategic-merge-patch+json',
    )
    const deletion = requestBody({
      verb: 'delete',
      resource: pods,
      name: 'a',
      options: { gracePeriodSeconds: 0, propagationPolicy: 'Orphan', preconditions: { uid: 'u' }, dryRun: true },
    })
    assert.deepEqual(JSON.parse(deletion?.text ?? ''), {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Orphan',
      preconditions: { uid: 'u' },
      dryRun: ['All'],
    })
  })

  test('calls, refusals, tokens that rotate', () =>
    withServer(async server => {
      let issued = 0
      const connection = httpsConnection({
        server: server.url,
        clock: systemClock(),
        random: seededRandom(1),
        token: async () => `token-${++issued}`,
      })
      await connection.call({ verb: 'create', resource: pods, namespace: 'a', body: { metadata: { name: 'p', namespace: 'a' } } })
      const got = await connection.call({ verb: 'get', resource: pods, namespace: 'a', name: 'p' })
      assert.equal(got.metadata.name, 'p')
      await assert.rejects(connection.call({ verb: 'get', resource: pods, namespace: 'a', name: 'q' }), (error: StatusError) =>
        isNotFound(error),
      )
      assert.deepEqual(
        server.requests.map(one => one.authorization),
        ['Bearer token-1', 'Bearer token-2', 'Bearer token-3'],
      )
      await connection.close()
      await assert.rejects(connection.call({ verb: 'list', resource: pods }), ConnectionError)
    }))

  test('reads go on over a new session when the old one broke; a watch that broke is an error', () =>
    withServer(async (server, api) => {
      const connection = httpsConnection({ server: server.url, clock: systemClock(), random: seededRandom(1) })
      const { metadata } = await connection.call({ verb: 'list', resource: pods })
      const events = connection
        .watch({ verb: 'watch', resource: pods, options: { resourceVersion: metadata.resourceVersion ?? '' } })
        [Symbol.asyncIterator]()
      const first = events.next()
      await api
        .connect({ views: false })
        .call({ verb: 'create', resource: pods, namespace: 'a', body: { metadata: { name: 'p', namespace: 'a' } } })
      assert.equal((await first).value?.type, 'ADDED')
      const second = assert.rejects(events.next())
      server.dropSessions()
      await second
      assert.equal((await connection.call({ verb: 'get', resource: pods, namespace: 'a', name: 'p' })).metadata.name, 'p')
      await connection.close()
    }))

  test('a watch ends quietly with its signal, and a refusal in it is thrown', () =>
    withServer(async (server, api) => {
      const connection = httpsConnection({ server: server.url, clock: systemClock(), random: seededRandom(1) })
      const stop = new AbortController()
      const events = connection
        .watch({ verb: 'watch', resource: pods, options: { resourceVersion: '1' }, signal: stop.signal })
        [Symbol.asyncIterator]()
      const pending = events.next()
      await api
        .connect({ views: false })
        .call({ verb: 'create', resource: pods, namespace: 'a', body: { metadata: { name: 'p', namespace: 'a' } } })
      await pending
      const last = events.next()
      stop.abort(new Error('done'))
      assert.equal((await last).done, true)
      api.compact()
      const old = connection.watch({ verb: 'watch', resource: pods, options: { resourceVersion: '1' } })[Symbol.asyncIterator]()
      await assert.rejects(old.next(), (error: StatusError) => error.code === 410)
      await connection.close()
    }))

  test('a server that is not there is an error that names it', async () => {
    const impatient = {
      ...systemClock(),
      setTimer: (delay_ms: number, run: () => void) => systemClock().setTimer(delay_ms > 5000 ? delay_ms : 0, run),
    }
    const connection = httpsConnection({ server: 'http://127.0.0.1:1', clock: impatient, random: seededRandom(1) })
    await assert.rejects(connection.call({ verb: 'list', resource: pods }), /connect to http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/)
    await connection.close()
  })
})

describe('JSON lines', () => {
  const chunked = async function* (text: string, size: number) {
    const bytes = Buffer.from(text)
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
  }
  for (const size of [1, 2, 7, 1000]) {
    test(`come out whole from chunks of ${size}`, async () => {
      const values = [{ a: 'ü' }, 1, 'x\ny', [null]]
      const got: unknown[] = []
      for await (const value of jsonLines(chunked(values.map(value => JSON.stringify(value)).join('\n\n'), size), 100)) got.push(value)
      assert.deepEqual(got, values)
    })
  }
  test('are bounded', async () => {
    const read = async () => {
      for await (const _ of jsonLines(chunked(`"${'x'.repeat(200)}"`, 50), 100));
    }
    await assert.rejects(read(), /longer than 100 bytes/)
  })
})
