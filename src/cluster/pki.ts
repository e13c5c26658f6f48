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
  const frontProxy = await openFrontProxy(join(directory, frontProxyDirectory), context)
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

/** Tells of every new certificate of a user and of another authority; what is written one after the other counts once it fits. */
export function followPkiUser(
  directory: string,
  user: PkiUser,
  onRenewed: (pair: KeyPair & { readonly authority: string }) => void,
): { close(): void } {
  let known = readPkiUser(directory, user)
  return follow([directory], [`${files[user]}.crt`, authorityFile], () => {
    const read = readPkiUser(directory, user)
    const isSame = read.certificate === known.certificate && read.authority === known.authority
    if (isSame || !isPair(read) || !areCertificates(read.authority)) return
    known = read
    onRenewed(read)
  })
}

/** PEM: who signs certificates of users, and who those of proxies; as many as stand in the files. */
export interface TrustedAuthorities {
  readonly clientCa: string
  readonly frontProxyCa: string
}

const authorityFile = 'ca.crt'
const frontProxyDirectory = 'front-proxy'

/** Tells when somebody has put others in the place of the authorities, or beside them. */
export function followAuthorities(directory: string, onChanged: (authorities: TrustedAuthorities) => void): { close(): void } {
  const frontProxy = join(directory, frontProxyDirectory)
  const read = (): TrustedAuthorities => ({
    clientCa: readFileSync(join(directory, authorityFile), 'utf8'),
    frontProxyCa: readFileSync(join(frontProxy, authorityFile), 'utf8'),
  })
  let known = read()
  return follow([directory, frontProxy], [authorityFile], () => {
    const now = read()
    const isSame = now.clientCa === known.clientCa && now.frontProxyCa === known.frontProxyCa
    if (isSame || !areCertificates(now.clientCa) || !areCertificates(now.frontProxyCa)) return
    known = now
    onChanged(now)
  })
}

/** Looks again whenever one of these files may have changed; a file that is not there for a moment is looked at with its next change. */
function follow(directories: readonly string[], names: readonly string[], look: () => void): { close(): void } {
  const watchers = directories.map(directory =>
    watch(directory, (_event, name) => {
      if (name === null || !names.includes(name)) return
      try {
        look()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }).unref(),
  )
  return {
    close() {
      for (const watcher of watchers) watcher.close()
    },
  }
}

function isPair({ certificate, key }: KeyPair): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

/** A file that is being written ends in the middle of one. */
function areCertificates(pem: string): boolean {
  const blocks = pem.split(/(?=-----BEGIN CERTIFICATE-----)/).filter(block => block.includes('-----BEGIN CERTIFICATE-----'))
  try {
    for (const block of blocks) new X509Certificate(block)
    return blocks.length > 0
  } catch {
    return false
  }
}
