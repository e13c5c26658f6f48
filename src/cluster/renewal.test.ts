import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { connect, createServer } from 'node:tls'
import { listen } from '../apiserver/index.ts'
import { silentLogger, systemClock, systemRandom } from '../base/index.ts'
import { createManualClock } from '../client/testing/manual-clock.ts'
import { type KeyPair, memoryAuthority } from './certificates.ts'
import type { ClusterConfiguration } from './configuration.ts'
import { type ClusterPki, followAuthorities, followPkiUser, openPki, readPkiUser, type TrustedAuthorities } from './pki.ts'
import { createLivePair, keepPkiFresh } from './renewal.ts'

const day_ms = 86_400_000
const directory = mkdtempSync(join(tmpdir(), 'proa-renewal-'))
after(() => rmSync(directory, { recursive: true }))
const configuration = { nodeName: 'n1', clusterDomain: 'cluster.local' } as ClusterConfiguration

describe('renewal of certificates', () => {
  const setUp = async (name: string) => {
    const clock = createManualClock(Date.now())
    const warnings: string[] = []
    const path = join(directory, name)
    const reopen = () => openPki(path, configuration, ['127.0.0.1'], { clock, random: systemRandom() })
    const pki = await reopen()
    let told: (pki: ClusterPki) => void = () => {}
    const renewal = keepPkiFresh({
      pki,
      reopen,
      onRenewed: renewed => told(renewed),
      clock,
      logger: { ...silentLogger, warn: message => void warnings.push(message) },
    })
    const renewed = () =>
      new Promise<ClusterPki>(resolve => {
        told = resolve
      })
    return { clock, path, pki, renewal, renewed, warnings }
  }

  it('happens ninety days before the end, and the server shows the new one without a restart', async () => {
    const { clock, path, pki, renewal, renewed, warnings } = await setUp('serving')
    const tlsOf = ({ server, authority, frontProxy }: ClusterPki) => ({
      key: server.key,
      cert: server.certificate,
      clientCa: authority,
      frontProxyCa: frontProxy.authority,
    })
    const server = { handle: async () => ({ status: 200, headers: {}, body: 'ok' }), upgrade: async () => undefined }
    const listening = await listen({ server, host: '127.0.0.1', port: 0, tls: tlsOf(pki), clock: systemClock(), logger: silentLogger })
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ port: listening.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '')
          socket.destroy()
        }).on('error', reject)
      })
    const before = await shown()
    const kubeletBefore = readPkiUser(path, 'kubelet').certificate
    let count = 0
    const next = renewed().then(fresh => {
      count++
      return fresh
    })
    await clock.advance(270 * day_ms)
    assert.equal(count, 0)
    await clock.advance(6 * day_ms)
    const fresh = await next
    listening.setCertificate(tlsOf(fresh))
    assert.notEqual(await shown(), before)
    assert.equal(await shown(), new X509Certificate(fresh.server.certificate).fingerprint256)
    for (const pair of ['kubeletClient', 'server'] as const) assert.notEqual(fresh[pair].certificate, pki[pair].certificate)
    assert.notEqual(fresh.frontProxy.client.certificate, pki.frontProxy.client.certificate)
    assert.notEqual(readPkiUser(path, 'kubelet').certificate, kubeletBefore)
    assert.equal(fresh.authority, pki.authority)
    assert.ok(fresh.expires_ms - clock.now() > 360 * day_ms)
    assert.deepEqual(warnings, [])
    renewal.close()
    await listening.close()
  })

  it('can not save an authority that ends, and says so while there is time', async () => {
    const { clock, pki, renewal, warnings } = await setUp('authority')
    renewal.close()
    await clock.advance(3600 * day_ms)
    const late = keepPkiFresh({
      pki,
      reopen: () => Promise.reject(new Error('not asked')),
      onRenewed: () => {},
      clock,
      logger: { ...silentLogger, warn: message => void warnings.push(message) },
    })
    assert.match(warnings[0] ?? '', /the cluster's certificate authority ends in 49 days/)
    late.close()
  })

  it('reaches whoever holds the pair, and other processes by its file', async () => {
    const { clock, path, pki, renewal, renewed } = await setUp('live')
    const live = createLivePair(pki.kubeletClient)
    // The new one begins in what is the future for this machine.
    const server = createServer({
      key: pki.server.key,
      cert: pki.server.certificate,
      ca: pki.authority,
      requestCert: true,
      rejectUnauthorized: false,
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const seen = () =>
      new Promise<string>((resolve, reject) => {
        server.once('secureConnection', socket => {
          resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '')
          socket.destroy()
        })
        const { certificate: cert, key } = live.pair
        connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ca: pki.authority, cert, key }).on('error', reject)
      })
    assert.equal(await seen(), new X509Certificate(pki.kubeletClient.certificate).fingerprint256)
    const told = new Promise<KeyPair>(resolve => {
      const following = followPkiUser(path, 'kubelet', pair => {
        following.close()
        resolve(pair)
      })
    })
    const next = renewed()
    await clock.advance(276 * day_ms)
    const fresh = await next
    live.replace(fresh.kubeletClient)
    assert.equal(await seen(), new X509Certificate(fresh.kubeletClient.certificate).fingerprint256)
    assert.equal((await told).certificate, readPkiUser(path, 'kubelet').certificate)
    renewal.close()
    server.close()
  })

  it('follows authorities that somebody puts beside the old ones, once they are written', async () => {
    const { clock, path, pki, renewal } = await setUp('authorities')
    renewal.close()
    const [others, proxies] = await Promise.all([
      memoryAuthority({ clock, random: systemRandom() }),
      memoryAuthority({ clock, random: systemRandom() }),
    ])
    const told: TrustedAuthorities[] = []
    const agents: string[] = []
    let heard = () => {}
    const next = () =>
      new Promise<void>(resolve => {
        heard = resolve
      })
    const following = followAuthorities(path, authorities => {
      told.push(authorities)
      heard()
    })
    const agent = followPkiUser(path, 'kubelet', ({ authority }) => void agents.push(authority))
    const both = pki.authority + others.certificate
    // What is written in pieces is no authority before its end.
    let first = next()
    writeFileSync(join(path, 'ca.crt'), both.slice(0, -100))
    writeFileSync(join(path, 'ca.crt'), both)
    await first
    first = next()
    writeFileSync(join(path, 'front-proxy', 'ca.crt'), proxies.certificate)
    await first
    assert.deepEqual(told, [
      { clientCa: both, frontProxyCa: pki.frontProxy.authority },
      { clientCa: both, frontProxyCa: proxies.certificate },
    ])
    assert.deepEqual(agents, [both])
    following.close()
    agent.close()
  })
})
