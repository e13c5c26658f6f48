import assert from 'node:assert/strict'
import { Agent, request as httpsRequest } from 'node:https'
import { after, before, describe, it } from 'node:test'
import { silentLogger, systemClock, systemRandom } from '../../base/index.ts'
import { type KeyPair, memoryAuthority } from '../../cluster/certificates.ts'
import { clientCertificateAuthenticator, frontProxyAuthenticator } from '../authentication/index.ts'
import { authenticate } from '../request/authenticate.ts'
import { type Listening, type ListenOptions, listen } from './listen.ts'

/** Certificates of users and those of proxies come over one port, and must never pass for each other. */
describe('who is at the other end', () => {
  const context = { clock: systemClock(), random: systemRandom() }
  let listening: Listening
  let ca: string
  let tls: ListenOptions['tls']
  const pairs: Record<string, KeyPair> = {}

  before(async () => {
    const [users, proxies, strangers] = await Promise.all([memoryAuthority(context), memoryAuthority(context), memoryAuthority(context)])
    ca = users.certificate
    const server = await users.sign({ commonName: 'api', addresses: ['127.0.0.1'], usage: 'server' })
    pairs.user = await users.sign({ commonName: 'ann', organizations: ['devs'], usage: 'client' })
    pairs.impostor = await users.sign({ commonName: 'front-proxy-client', usage: 'client' })
    pairs.proxy = await proxies.sign({ commonName: 'front-proxy-client', usage: 'client' })
    pairs.otherProxy = await proxies.sign({ commonName: 'admin', organizations: ['system:masters'], usage: 'client' })
    pairs.stranger = await strangers.sign({ commonName: 'front-proxy-client', usage: 'client' })
    tls = { key: server.key, cert: server.certificate, clientCa: users.certificate, frontProxyCa: proxies.certificate }
    const authenticators = [frontProxyAuthenticator(['front-proxy-client']), clientCertificateAuthenticator()]
    listening = await listen({
      server: {
        async handle(request) {
          const user = await authenticate(request, authenticators, { enabled: true }).catch(() => ({ name: 'refused', groups: [] }))
          return { status: 200, headers: {}, body: `${user.name} of ${user.groups.join()}` }
        },
        upgrade: async () => undefined,
      },
      host: '127.0.0.1',
      port: 0,
      tls,
      clock: context.clock,
      logger: silentLogger,
    })
  })
  after(() => listening.close())

  const ask = (pair: KeyPair | undefined, headers: Record<string, string>, agent: Agent | false = false) =>
    new Promise<string>((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: listening.port,
        ca,
        cert: pair?.certificate,
        key: pair?.key,
        headers,
        agent,
      }
      httpsRequest(options, response => {
        let text = ''
        response.on('data', part => {
          text += part
        })
        response.on('end', () => resolve(text))
      })
        .on('error', reject)
        .end()
    })
  const forged = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' }

  const cases: readonly [string, string | undefined, Record<string, string>, string][] = [
    ['a proxy speaks for a user', 'proxy', { 'x-remote-user': 'bob', 'x-remote-group': 'ops' }, 'bob of ops,system:authenticated'],
    ['a proxy that speaks for nobody is nobody', 'proxy', {}, 'system:anonymous of system:unauthenticated'],
    [
      'a proxy of a name that is not allowed is nobody, whatever its certificate says',
      'otherProxy',
      forged,
      'system:anonymous of system:unauthenticated',
    ],
    ['a user is the user of its certificate, whatever it says', 'user', forged, 'ann of devs,system:authenticated'],
    ['a user with the name of a proxy is no proxy', 'impostor', forged, 'front-proxy-client of system:authenticated'],
    ['a certificate of an unknown authority is refused', 'stranger', forged, 'refused of '],
    ['headers alone make nobody anybody', undefined, forged, 'system:anonymous of system:unauthenticated'],
  ]
  for (const [name, pair, headers, wanted] of cases)
    it(name, async () => assert.equal(await ask(pair === undefined ? undefined : pairs[pair], headers), wanted))

  it('follows authorities that take the place of others; connections that are there stay whose they are', async () => {
    const [users, proxies] = await Promise.all([memoryAuthority(context), memoryAuthority(context)])
    const newUser = await users.sign({ commonName: 'eve', organizations: ['devs'], usage: 'client' })
    const newProxy = await proxies.sign({ commonName: 'front-proxy-client', usage: 'client' })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const forBob = { 'x-remote-user': 'bob', 'x-remote-group': 'ops' }
    assert.equal(await ask(pairs.user, {}, agent), 'ann of devs,system:authenticated')
    assert.equal(await ask(newUser, {}), 'refused of ')

    listening.setCertificate({ ...tls, clientCa: tls.clientCa + users.certificate, frontProxyCa: proxies.certificate })
    assert.equal(await ask(newUser, {}), 'eve of devs,system:authenticated')
    assert.equal(await ask(pairs.user, {}), 'ann of devs,system:authenticated')
    assert.equal(await ask(newProxy, forBob), 'bob of ops,system:authenticated')
    assert.equal(await ask(pairs.proxy, forBob), 'refused of ')

    listening.setCertificate({ ...tls, clientCa: users.certificate, frontProxyCa: undefined })
    assert.equal(await ask(newUser, {}), 'eve of devs,system:authenticated')
    assert.equal(await ask(pairs.user, {}), 'refused of ')
    assert.equal(await ask(newProxy, forBob), 'refused of ')
    assert.equal(await ask(pairs.user, {}, agent), 'ann of devs,system:authenticated')
    agent.destroy()
  })
})
