import assert from 'node:assert/strict'
import { type ClientHttp2Session, connect } from 'node:http2'
import { it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'

// One seat for everybody who is not exempt: so the order of answers is the order of turns.
const { cluster } = await sharedLibraryCluster({ apiServer: { maxRequestsInflight: 1, maxMutatingRequestsInflight: 0 } })

function get(session: ClientHttp2Session, path: string, user: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, authorization: `Bearer ${cluster.token}`, 'impersonate-user': user })
    let status = 0
    stream.on('response', headers => (status = Number(headers[':status'])))
    stream.on('error', reject)
    stream.on('end', () => resolve(status))
    stream.resume()
    stream.end()
  })
}

it('a flood from one user delays others by a few turns, not by the flood', async () => {
  const sessions = ['mallory', 'alice'].map(() => connect(cluster.server, { ca: cluster.certificateAuthority }))
  const [flooding, other] = sessions as [ClientHttp2Session, ClientHttp2Session]
  try {
    assert.equal(await get(other, '/api', 'alice'), 200)
    let answered = 0
    const flood = Array.from({ length: 280 }, () =>
      get(flooding, '/api', 'mallory').then(status => {
        answered++
        return status
      }),
    )
    await Promise.race(flood)
    const before = answered
    assert.ok(before < 100, `the flood has just begun: ${before}`)
    assert.equal(await get(other, '/api', 'alice'), 200)
    const overtaken = answered - before
    const statuses = await Promise.all(flood)
    assert.ok(overtaken < 60, `${overtaken} of the flood's requests went first`)
    assert.deepEqual([...new Set(statuses)], [200], 'the flood fits its queues, and is answered too')
  } finally {
    for (const session of sessions) session.close()
  }
})

it('what the queues do not hold is refused at once, with the time to come back', async () => {
  const session = connect(cluster.server, { ca: cluster.certificateAuthority })
  try {
    const statuses = await Promise.all(Array.from({ length: 600 }, () => get(session, '/api', 'mallory')))
    const refused = statuses.filter(status => status === 429).length
    assert.ok(refused > 200 && refused < 600, `${refused} were refused`)
    assert.equal(statuses.filter(status => status === 200).length, 600 - refused)
  } finally {
    session.close()
  }
})
