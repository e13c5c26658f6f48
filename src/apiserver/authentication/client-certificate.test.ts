import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { testCertificate } from '../nodes/fake-kubelet.test-support.ts'
import { clientCertificateAuthenticator } from './index.ts'

const authenticate = (clientCertificate: Uint8Array | undefined) =>
  clientCertificateAuthenticator().authenticate({ clientCertificate, authorization: undefined, headers: {} })
const derOf = async (subject: string) => new X509Certificate((await testCertificate(subject)).certificate).raw

describe('client certificates', () => {
  it('name a user and groups', async () => {
    const der = await derOf('alice,O=team,O=second team')
    assert.deepEqual(await authenticate(der), {
      name: 'alice',
      groups: ['team', 'second team'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${createHash('sha256').update(der).digest('hex')}`] },
    })
  })

  it('keep what a name is made of', async () => {
    assert.equal((await authenticate(await derOf('system:node:n1\\,a\\+b')))?.name, 'system:node:n1,a+b')
  })

  it('can not smuggle in a second line', async () => {
    const user = await authenticate(await derOf('eve\\0AO=system:masters'))
    assert.deepEqual(user?.groups, [])
  })

  it('are somebody else’s matter where there are none', async () => assert.equal(await authenticate(undefined), undefined))
})
