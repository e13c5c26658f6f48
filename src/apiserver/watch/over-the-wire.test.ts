import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { get } from 'node:https'
import type { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { type DevServer, startDevServer } from '../dev.test-support.ts'
import { limits } from '../limits.ts'

const configMaps = { group: '', version: 'v1', resource: 'configmaps' }
const headers = { authorization: 'Bearer x' }
const count = 60
const name = (index: number) => `c${String(index).padStart(2, '0')}`

/** What an informer keeps of an event. */
const lineOf = (text: string): string => {
  const { type, object } = JSON.parse(text)
  return `${type} ${object.metadata.name} ${object.data.round}`
}

async function readLines(stream: Readable, wanted: number): Promise<string[]> {
  const chunks: Buffer[] = []
  let lines = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', at + 1)) lines++
    if (lines >= wanted) break
  }
  return Buffer.concat(chunks).toString().trim().split('\n').map(lineOf)
}

describe('a watch over the wire', () => {
  let dev: DevServer
  const ends: (() => void)[] = []
  before(async () => {
    dev = await startDevServer()
    await Promise.all(Array.from({ length: count }, (_, index) => put('create', index, 0)))
  })
  after(async () => {
    for (const end of ends) end()
    await dev.close()
  })

  const put = (verb: 'create' | 'update', index: number, round: number) =>
    dev.server.connect({ name: 'x', groups: [] }).call({
      verb,
      resource: configMaps,
      namespace: 'd',
      ...(verb === 'update' && { name: name(index) }),
      body: { metadata: { name: name(index) }, data: { round: String(round), padding: 'p'.repeat(20_000) } },
    })
  const path = '/api/v1/namespaces/d/configmaps?watch=true&resourceVersion=0'

  const overHttp1 = async (): Promise<Readable> => {
    const request = get(dev.url + path, { headers, rejectUnauthorized: false, agent: false })
    ends.push(() => request.destroy())
    const [response] = await once(request, 'response')
    return response
  }
  const overHttp2 = async (): Promise<Readable> => {
    const session = connect(dev.url, { rejectUnauthorized: false })
    ends.push(() => session.destroy())
    const stream = session.request({ ...headers, ':path': path })
    await once(stream, 'response')
    return stream
  }

  let round = 0
  for (const [version, open] of Object.entries({ 'http/1.1': overHttp1, h2: overHttp2 })) {
    it(`tells each thing once and in order, though the client reads late, over ${version}`, async () => {
      assert.ok(count * 20_000 > 10 * limits.unsentWatchBytes)
      const start = round
      const [late, quick] = await Promise.all([open(), open()])
      const expected = Array.from({ length: count }, (_, index) => `ADDED ${name(index)} ${start}`)
      const told = readLines(quick, 3 * count)
      for (const rounds = start + 2; round < rounds; ) {
        round++
        for (let index = 0; index < count; index++) {
          await put('update', index, round)
          expected.push(`MODIFIED ${name(index)} ${round}`)
        }
      }
      assert.deepEqual(await told, expected)
      assert.deepEqual(await readLines(late, 3 * count), expected)
    })
  }
})
