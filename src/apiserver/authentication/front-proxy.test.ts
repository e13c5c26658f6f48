import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { systemClock, systemRandom } from '../../base/index.ts'
import { memoryAuthority } from '../../cluster/certificates.ts'
import { frontProxyAuthenticator } from './front-proxy.ts'

describe('a front proxy', () => {
  let proxy: Uint8Array
  let stranger: Uint8Array
  before(async () => {
    const authority = await memoryAuthority({ clock: systemClock(), random: systemRandom() })
    const sign = async (commonName: string) => new X509Certificate((await authority.sign({ commonName, usage: 'client' })).certificate).raw
    proxy = await sign('front-proxy-client')
    stranger = await sign('somebody')
  })
  const authenticate = (frontProxyCertificate: Uint8Array | undefined, headers: Record<string, string | string[]>) =>
    frontProxyAuthenticator(['front-proxy-client']).authenticate({
      clientCertificate: undefined,
      authorization: undefined,
      headers,
      ...(frontProxyCertificate && { frontProxyCertificate }),
    })
  const headers = {
    'x-remote-user': 'ann',
    'x-remote-uid': 'u1',
    'x-remote-group': ['devs', 'ops', 'cn=a, system:masters'],
    'x-remote-extra-example.com%2fscopes': ['read', 'write'],
  }

  it('says whom it speaks for', async () => {
    const user = {
      name: 'ann',
      uid: 'u1',
      groups: ['devs', 'ops', 'cn=a, system:masters'],
      extra: { 'example.com/scopes': ['read', 'write'] },
    }
    assert.deepEqual(await authenticate(proxy, headers), user)
  })
  it('is nobody without a certificate, or with one of another name', async () => {
    assert.equal(await authenticate(undefined, headers), undefined)
    assert.equal(await authenticate(stranger, headers), undefined)
  })
  it('speaks for nobody where it names none', async () => {
    assert.equal(await authenticate(proxy, { 'x-remote-group': 'system:masters' }), undefined)
  })
})
