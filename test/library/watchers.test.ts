import assert from 'node:assert/strict'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const { cluster, send } = await sharedLibraryCluster()
const path = '/api/v1/namespaces/default/configmaps'

function watch(session: ClientHttp2Session, revision: string): ClientHttp2Stream {
  const stream = session.request({ ':path': `${path}?watch=1&resourceVersion=${revision}`, authorization: `Bearer ${cluster.token}` })
  stream.on('error', () => undefined)
  return stream
}

it('a thousand watchers, most of which do not read, cost bounded memory and delay nobody', async () => {
  const { resourceVersion } = (await send('GET', path)).json.metadata
  // What these do not read stays with the server.
  const stuck = Array.from({ length: 10 }, () => connect(cluster.server, { ca: cluster.certificateAuthority }))
  const reading = connect(cluster.server, { ca: cluster.certificateAuthority })
  try {
    const idle = stuck.flatMap(session => Array.from({ length: 95 }, () => watch(session, resourceVersion)))
    const counts = Array.from({ length: 50 }, () => {
      const seen = { events: 0 }
      const stream = watch(reading, resourceVersion)
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => (seen.events += text.split('\n').length - 1))
      return seen
    })
    const all = [...idle]
    await Promise.all(all.map(stream => new Promise(resolve => stream.once('response', resolve))))
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
    const data = { text: 'x'.repeat(4000) }
    for (let round = 0; round < 60; round++) await send('POST', path, { body: { metadata: { name: `c${round}` }, data } })
    await eventually(
      'all events at all who read',
      20_000,
      async () => counts.filter(({ events }) => events < 60).length,
      slow => slow === 0,
    )
    const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before
    // All events of all would be 230 MB; the clients' own buffers and what is garbage by now are counted here too.
    assert.ok(grown < 230 * 1024 * 1024, `${Math.round(grown / 1024 / 1024)} MiB more`)
    assert.equal((await send('GET', '/readyz')).text, 'ok')
  } finally {
    for (const session of [...stuck, reading]) session.destroy()
  }
})
