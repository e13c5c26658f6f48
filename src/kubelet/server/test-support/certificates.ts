import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface TestCertificates {
  readonly authority: string
  readonly server: { readonly key: string; readonly certificate: string }
  readonly client: { readonly key: string; readonly certificate: string }
  /** Of the same name, by an authority that nobody knows. */
  readonly stranger: { readonly key: string; readonly certificate: string }
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export async function createTestCertificates(): Promise<TestCertificates> {
  const crypto = webcrypto as unknown as Crypto
  x509.cryptoProvider.set(crypto)
  const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const pem = async ({ privateKey }: { readonly privateKey: CryptoKey }) =>
    x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
  const dates = { notBefore: new Date('2020-01-01'), notAfter: new Date('2120-01-01') }

  const createAuthority = async (name: string) => {
    const keys = await newKeys()
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      ...dates,
      name,
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.BasicConstraintsExtension(true)],
    })
    return { keys, certificate }
  }
  const issue = async (authority: Awaited<ReturnType<typeof createAuthority>>, subject: string) => {
    const keys = await newKeys()
    const certificate = await x509.X509CertificateGenerator.create({
      ...dates,
      subject,
      issuer: authority.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: authority.keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    })
    return { key: await pem(keys), certificate: certificate.toString('pem') }
  }
  const authority = await createAuthority('CN=test authority')
  return {
    authority: authority.certificate.toString('pem'),
    server: await issue(authority, 'CN=node'),
    client: await issue(authority, 'CN=kube-apiserver, O=system:masters, O=second'),
    stranger: await issue(await createAuthority('CN=other authority'), 'CN=kube-apiserver, O=system:masters'),
  }
}
