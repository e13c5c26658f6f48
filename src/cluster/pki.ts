import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { CertificateSigner } from '../controllers/index.ts'
import { type CertificateContext, expiryOf, type KeyPair, openAuthority, openLeaf, openTokenKey } from './certificates.ts'
import type { ClusterConfiguration } from './configuration.ts'

/** Who has a certificate in a cluster, and the names that its group memberships give it. */
export interface ClusterPki {
  /** PEM of the authority that signed all of them. */
  readonly authority: string
  readonly signCertificate: CertificateSigner
  readonly server: KeyPair
  readonly kubeletClient: KeyPair
  readonly frontProxy: FrontProxyPki
  /** PEM; signs service-account tokens. */
  readonly tokenKey: string
  /** When the first of the certificates ends, and when what signed them does. */
  readonly expires_ms: number
  readonly authorityExpires_ms: number
}

/** With what proxies show that they speak for users: an authority of its own, since such a certificate can be anybody. */
export interface FrontProxyPki {
  /** PEM */
  readonly authority: string
  /** The API server's own, for extension servers. */
  readonly client: KeyPair
}

export const frontProxyName = 'front-proxy-client'

const files = { admin: 'admin', kubelet: 'kubelet' } as const
type PkiUser = keyof typeof files

/** Everything that the server needs, and the files that others read; made on the first start and renewed before it expires. */
export async function openPki(
  directory: string,
  configuration: ClusterConfiguration,
  addresses: readonly string[],
  context: CertificateContext,
): Promise<ClusterPki> {
  const authority = await openAuthority(directory, context)
  const { nodeName } = configuration
  const dnsNames = [
    'localhost',
    nodeName,
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${configuration.clusterDomain}`,
  ]
  const leaf = (name: string, request: Parameters<typeof openLeaf>[3]) => openLeaf(directory, name, authority, request, context.clock)
  const server = await leaf('apiserver', { commonName: 'kube-apiserver', dnsNames, addresses, usage: 'server' })
  const kubeletClient = await leaf('apiserver-kubelet-client', {
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['system:masters'],
    usage: 'client',
  })
  const admin = await leaf(files.admin, { commonName: 'kubernetes-admin', organizations: ['system:masters'], usage: 'client' })
  const kubelet = await leaf(files.kubelet, {
    commonName: `system:node:${nodeName}`,
    organizations: ['system:nodes'],
    dnsNames: [nodeName, 'localhost'],
    addresses,
    usage: 'both',
  })
  const frontProxy = await openFrontProxy(join(directory, 'front-proxy'), context)
  const leaves = [server, kubeletClient, admin, kubelet, frontProxy.client]
  return {
    authority: authority.certificate,
    signCertificate: authority.signRequest,
    server,
    kubeletClient,
    frontProxy,
    tokenKey: await openTokenKey(directory),
    expires_ms: Math.min(...leaves.map(({ certificate }) => expiryOf(certificate))),
    authorityExpires_ms: Math.min(expiryOf(authority.certificate), expiryOf(frontProxy.authority)),
  }
}

async function openFrontProxy(directory: string, context: CertificateContext): Promise<FrontProxyPki> {
  const authority = await openAuthority(directory, context)
  const client = await openLeaf(directory, 'client', authority, { commonName: frontProxyName, usage: 'client' }, context.clock)
  return { authority: authority.certificate, client }
}

/** What another process reads once the server has written it. */
export function readPkiUser(directory: string, user: PkiUser): KeyPair & { readonly authority: string } {
  const read = (file: string) => readFileSync(join(directory, file), 'utf8')
  return { authority: read('ca.crt'), certificate: read(`${files[user]}.crt`), key: read(`${files[user]}.key`) }
}

/** Tells of every new certificate of a user; key and certificate come one after the other, and count once they fit. */
export function followPkiUser(directory: string, user: PkiUser, onRenewed: (pair: KeyPair) => void): { close(): void } {
  let known = readPkiUser(directory, user).certificate
  const watcher = watch(directory, (_event, name) => {
    if (name !== `${files[user]}.crt`) return
    const pair = readPkiUser(directory, user)
    if (pair.certificate === known || !new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key))) return
    known = pair.certificate
    onRenewed(pair)
  })
  watcher.unref()
  return watcher
}
