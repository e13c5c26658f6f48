import { createPrivateKey, createPublicKey, type KeyObject, type webcrypto, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { CertificateSigner } from '../controllers/index.ts'
import { importKey, loadX509, serialNumber, signing } from './x509.ts'

/**
 * The cluster's certificates: one authority, and leaf certificates for the API server, the kubelets, the API server's
 * way to the kubelets and the administrator. Files are written once and read afterwards; the X.509 library is loaded
 * only when something must be signed, since loading it costs more than a whole start.
 */
export interface CertificateAuthority {
  readonly certificate: string
  readonly sign: (request: LeafRequest) => Promise<KeyPair>
  /** Certifies somebody else's key; answers PEM. */
  readonly signRequest: CertificateSigner
}

export interface KeyPair {
  /** PEM */
  readonly certificate: string
  /** PEM, PKCS #8 */
  readonly key: string
}

export interface LeafRequest {
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly dnsNames?: readonly string[]
  readonly addresses?: readonly string[]
  readonly usage: 'server' | 'client' | 'both'
}

const day_ms = 86_400_000
const authorityLifetime_ms = 3650 * day_ms
/** How long before its end a leaf certificate is signed anew. */
export const renewBefore_ms = 90 * day_ms
const leafLifetime_ms = 365 * day_ms
/** Backdated, so that clocks that differ a little accept them. */
const backdate_ms = 5 * 60_000

export interface CertificateContext {
  readonly clock: Clock
  readonly random: Random
}

/** The authority kept in `directory` (`ca.crt`, `ca.key`), made on first use. */
export async function openAuthority(directory: string, context: CertificateContext): Promise<CertificateAuthority> {
  const certificatePath = join(directory, 'ca.crt')
  const keyPath = join(directory, 'ca.key')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (!existsSync(certificatePath)) {
    const made = await createAuthority(context)
    writeSecret(keyPath, made.key)
    writeSecret(certificatePath, made.certificate)
  }
  return authorityFrom({ certificate: readFileSync(certificatePath, 'utf8'), key: readFileSync(keyPath, 'utf8') }, context)
}

/** An authority that lives in memory only, for clusters inside tests. */
export async function memoryAuthority(context: CertificateContext): Promise<CertificateAuthority> {
  return authorityFrom(await createAuthority(context), context)
}

/**
 * The pair kept under `name` in `directory`; signed anew when it is missing, expires within 90 days, lacks a name, or is no pair of
 * this authority's.
 */
export async function openLeaf(
  directory: string,
  name: string,
  authority: CertificateAuthority,
  request: LeafRequest,
  clock: Clock,
): Promise<KeyPair> {
  const certificatePath = join(directory, `${name}.crt`)
  const keyPath = join(directory, `${name}.key`)
  if (existsSync(certificatePath) && existsSync(keyPath)) {
    const pair = { certificate: readFileSync(certificatePath, 'utf8'), key: readFileSync(keyPath, 'utf8') }
    if (stillGood(pair, authority, request, clock)) return pair
  }
  const pair = await authority.sign(request)
  writeSecret(keyPath, pair.key)
  writeSecret(certificatePath, pair.certificate)
  return pair
}

/** The key that signs service-account tokens, PEM; made on first use. */
export async function openTokenKey(directory: string): Promise<string> {
  const path = join(directory, 'service-account.key')
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeSecret(path, await createTokenKey())
  }
  return readFileSync(path, 'utf8')
}

export async function createTokenKey(): Promise<string> {
  const keys = (await crypto.subtle.generateKey(signing, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  return exportKey(keys.privateKey)
}

/** When a certificate in PEM ends. */
export const expiryOf = (certificate: string): number => Date.parse(new X509Certificate(certificate).validTo)

export const publicKeyOf = (privateKey: string): KeyObject => createPublicKey(privateKey)

function stillGood(pair: KeyPair, authority: CertificateAuthority, request: LeafRequest, clock: Clock): boolean {
  const certificate = new X509Certificate(pair.certificate)
  if (Date.parse(certificate.validTo) - clock.now() <= renewBefore_ms) return false
  // A crash between the two files leaves a new key with an old certificate.
  if (!certificate.checkPrivateKey(createPrivateKey(pair.key))) return false
  if (!certificate.verify(new X509Certificate(authority.certificate).publicKey)) return false
  const { dnsNames = [], addresses = [] } = request
  return dnsNames.every(name => certificate.checkHost(name)) && addresses.every(address => certificate.checkIP(address))
}

async function createAuthority(context: CertificateContext): Promise<KeyPair> {
  const x509 = await loadX509()
  const keys = (await crypto.subtle.generateKey(signing, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const now = context.clock.now()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(context.random),
    name: 'CN=proa-ca',
    notBefore: new Date(now - backdate_ms),
    notAfter: new Date(now + authorityLifetime_ms),
    signingAlgorithm: signing,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) }
}

function authorityFrom(pair: KeyPair, context: CertificateContext): CertificateAuthority {
  return {
    certificate: pair.certificate,
    sign: request => signLeaf(pair, request, context),
    // Loaded when asked for, like the library itself.
    signRequest: async asked => (await import('./sign-request.ts')).signRequest(pair, asked, context),
  }
}

async function signLeaf(authority: KeyPair, request: LeafRequest, context: CertificateContext): Promise<KeyPair> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.certificate)
  const issuerKey = await importKey(authority.key)
  const keys = (await crypto.subtle.generateKey(signing, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const now = context.clock.now()
  const names = [
    ...(request.dnsNames ?? []).map(value => ({ type: 'dns' as const, value })),
    ...(request.addresses ?? []).map(value => ({ type: 'ip' as const, value })),
  ]
  const usages = {
    server: [x509.ExtendedKeyUsage.serverAuth],
    client: [x509.ExtendedKeyUsage.clientAuth],
    both: [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth],
  }
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(context.random),
    subject: [...(request.organizations ?? []).map(organization => ({ O: [organization] })), { CN: [request.commonName] }],
    issuer: issuer.subject,
    notBefore: new Date(now - backdate_ms),
    // Nothing that it signed outlives the authority.
    notAfter: new Date(Math.min(now + leafLifetime_ms, issuer.notAfter.getTime())),
    signingAlgorithm: signing,
    publicKey: keys.publicKey,
    signingKey: issuerKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(usages[request.usage]),
      ...(names.length ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) }
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}

/** Never leaves a half-written key behind, and never one that others can read. */
export function writeSecret(path: string, content: string): void {
  const temporary = `${path}.new`
  writeFileSync(temporary, content, { mode: 0o600 })
  chmodSync(temporary, 0o600)
  renameSync(temporary, path)
}
