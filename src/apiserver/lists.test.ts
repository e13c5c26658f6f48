import assert from 'node:assert/strict'
import { type ClientHttp2Session, connect } from 'node:http2'
import { after, before, describe, it } from 'node:test'
import { type DevServer, startDevServer } from './dev.test-support.ts'
import { sender } from './https-connection.test-support.ts'

let dev: DevServer
before(async () => {
  dev = await startDevServer({ handlers: { subresources: {}, reviews: {} } })
  const send = sender(dev.url)
  for (let index = 0; index < 40; index++) {
    const data = { text: String.fromCharCode(97 + (index % 26)).repeat(25_000) }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `large-${String(index).padStart(2, '0')}` }, data }
    assert.equal((await send('POST', collection, body)).status, 201)
  }
})
after(() => dev.close())

const collection = '/api/v1/namespaces/default/configmaps'
const forms = {
  json: 'application/json',
  protobuf: 'application/vnd.kubernetes.protobuf',
  table: 'application/json;as=Table;v=v1;g=meta.k8s.io',
} as const

/** `pause_ms` makes a client that is slow to take what comes. */
const get = (session: ClientHttp2Session, path: string, accept: string, pause_ms = 0): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, authorization: 'Bearer x', accept })
    const chunks: Buffer[] = []
    stream.on('data', chunk => {
      chunks.push(Buffer.from(chunk))
      if (pause_ms === 0) return
      stream.pause()
      setTimeout(() => stream.resume(), pause_ms)
    })
    stream.on('end', () => resolve(Buffer.concat(chunks)))
    stream.on('error', reject)
  })

describe('lists of many pieces', () => {
  for (const [form, accept] of Object.entries(forms)) {
    it(`as ${form} are the same for all who ask at once, fast, slow or gone half-way`, async () => {
      const path = form === 'table' ? `${collection}?includeObject=Object` : collection
      const sessions = [1, 2].map(() => connect(dev.url, { rejectUnauthorized: false }))
      const [one, other] = sessions as [ClientHttp2Session, ClientHttp2Session]
      try {
        const expected = await get(one, path, accept)
        assert.ok(expected.length > 1_000_000)
        const gone = one.request({ ':path': path, authorization: 'Bearer x', accept })
        gone.on('error', () => {})
        gone.once('data', () => gone.close())
        const asked = Array.from({ length: 12 }, (_, index) => get(index % 2 ? one : other, path, accept, index % 3 === 0 ? 2 : 0))
        for (const answer of await Promise.all(asked)) assert.ok(withoutAges(answer).equals(withoutAges(expected)))
      } finally {
        for (const session of sessions) session.close()
      }
    })
  }
})

const withoutAges = (answer: Buffer): Buffer => Buffer.from(answer.toString('latin1').replaceAll(/"\d+s"\],/g, ''), 'latin1')
