import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import { BadCertificateRequest, type CertificateToSign } from '../controllers/index.ts'
import { importKey, loadX509, serialNumber, signing } from './x509.ts'

const backdate_ms = 5 * 60_000
/** Certificates that live shorter than this live no longer than asked, counted from their backdated beginning, as upstream's. */
const short_s = 8 * 3600

interface Authority {
  readonly certificate: string
  readonly key: string
}

/** Signs for whoever proves to hold the key: names and usages as the request has them, the time as its signer allows. */
export async function signRequest(
  authority: Authority,
  { request, usages, lifetime_s }: CertificateToSign,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<string> {
  checkSignature(request)
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.certificate)
  const now = clock.now()
  const notBefore = now - backdate_ms
  const wanted = (lifetime_s < short_s ? notBefore : now) + lifetime_s * 1000
  const notAfter = Math.min(wanted, Date.parse(new X509Certificate(authority.certificate).validTo))
  const names = [
    ...request.dnsNames.map(value => ({ type: 'dns' as const, value })),
    ...request.ipAddresses.map(value => ({ type: 'ip' as const, value })),
    ...request.emailAddresses.map(value => ({ type: 'email' as const, value })),
    ...request.uris.map(value => ({ type: 'url' as const, value })),
  ]
  const flags = usages.reduce((sum, usage) => sum | (keyUsageFlags[usage] ?? 0), 0)
  const purposes = usages.flatMap(usage => extendedUsages[usage] ?? [])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(random),
    subject: [...request.organizations.map(organization => ({ O: [organization] })), { CN: [request.commonName] }],
    issuer: issuer.subject,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    signingAlgorithm: signing,
    publicKey: new x509.PublicKey(Buffer.from(request.publicKey)),
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
      ...(purposes.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(purposes)]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

/** By their numbers in X.509. */
const keyUsageFlags: Readonly<Record<string, number>> = {
  signing: 1,
  'digital signature': 1,
  'content commitment': 2,
  'key encipherment': 4,
  'data encipherment': 8,
  'key agreement': 16,
  'cert sign': 32,
  'crl sign': 64,
  'encipher only': 128,
  'decipher only': 256,
}

const extendedUsages: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
}

const digests: Readonly<Record<string, string | null>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  // Ed25519 has its digest built in.
  '1.3.101.112': null,
}

const smallestRsaKey_bits = 2048

function checkSignature({ publicKey, signed, signature, signatureAlgorithm }: CertificateToSign['request']): void {
  const digest = digests[signatureAlgorithm]
  if (digest === undefined) throw new BadCertificateRequest(`unsupported signature algorithm ${signatureAlgorithm}`)
  let key: KeyObject
  try {
    key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  } catch (error) {
    throw new BadCertificateRequest('the public key can not be read', { cause: error })
  }
  if ((key.asymmetricKeyDetails?.modulusLength ?? smallestRsaKey_bits) < smallestRsaKey_bits)
    throw new BadCertificateRequest(`RSA keys need at least ${smallestRsaKey_bits} bits`)
  if (!verify(digest, signed, key, signature)) throw new BadCertificateRequest('the request is not signed with its own key')
}
