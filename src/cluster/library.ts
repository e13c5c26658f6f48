import type { Kind } from '../apimachinery/kind.ts'
import { listen } from '../apiserver/index.ts'
import { type Clock, createLogger, createMetrics, type LogLevel, type Random, systemClock, systemRandom } from '../base/index.ts'
import { type Client, mergeContext, writeKubeconfig } from '../client/index.ts'
import type { ImageBehaviour } from '../kubelet/index.ts'
import type { ApiServerSettings } from './api-server-settings.ts'
import { createTokenKey, memoryAuthority } from './certificates.ts'
import { networkDefaults } from './configuration.ts'
import { openControlPlane } from './control-plane.ts'
import { frontProxyName } from './pki.ts'
import { startSimulatedNodes } from './simulated-nodes.ts'

export type { ImageBehaviour }

export interface StartClusterOptions {
  /** Simulated nodes; 1 by default, 0 for a control plane alone. */
  readonly nodes?: number
  /** Kinds beyond the built-in ones. */
  readonly kinds?: readonly Kind[]
  /** How images behave on simulated nodes; undefined can't be pulled. By default every image exists and runs until it is stopped; init containers end at once. */
  readonly image?: (image: string) => ImageBehaviour | undefined
  readonly clock?: Clock
  readonly random?: Random
  /** Freezes every object that is shared in process, so that whoever changes one fails at once: for tests of what uses `client`. */
  readonly freezeObjects?: boolean
  /** What upstream takes as flags of the API server: audit log, authentication, encryption. */
  readonly apiServer?: ApiServerSettings
  readonly logLevel?: LogLevel
  readonly onLog?: (line: string) => void
}

/** A cluster inside this process: the real rooms and request path, with memory for a journal and nodes that only pretend. */
export interface Cluster {
  /** `https://127.0.0.1:PORT`, on a free port. */
  readonly server: string
  /** PEM */
  readonly certificateAuthority: string
  /** A bearer token of an administrator. */
  readonly token: string
  /** An administrator's client in process. */
  readonly client: Client
  /** Serves a kind from now on. */
  registerKind(kind: Kind): void
  unregisterKind(group: string, resource: string): void
  /** For kubectl and client libraries. */
  writeKubeconfig(path: string): Promise<void>
  close(): Promise<void>
}

export async function startCluster(options: StartClusterOptions = {}): Promise<Cluster> {
  const clock = options.clock ?? systemClock()
  const random = options.random ?? systemRandom()
  const logger = createLogger({
    clock,
    level: options.logLevel ?? 'warn',
    write: options.onLog ?? (line => void process.stderr.write(line)),
  })
  const metrics = createMetrics()
  const authority = await memoryAuthority({ clock, random })
  const tls = await authority.sign({ commonName: 'kube-apiserver', dnsNames: ['localhost'], addresses: ['127.0.0.1'], usage: 'server' })
  const frontProxyAuthority = await memoryAuthority({ clock, random })
  const frontProxyClient = await frontProxyAuthority.sign({ commonName: frontProxyName, usage: 'client' })
  const token = Buffer.from(random.bytes(24)).toString('base64url')
  const { podCidr, serviceCidr, dnsAddress, clusterDomain } = networkDefaults

  const controlPlane = await openControlPlane({
    clock,
    random,
    logger,
    metrics,
    clusterId: random.uuid(),
    kinds: options.kinds,
    podCidr,
    serviceCidr,
    authority: authority.certificate,
    signCertificate: authority.signRequest,
    tokenKey: await createTokenKey(),
    kubeletClient: tls,
    frontProxy: { authority: frontProxyAuthority.certificate, client: frontProxyClient },
    apiAddress: '127.0.0.1',
    // What pods would be told; no pod of a simulated node ever asks.
    apiPort: 6443,
    freezeObjects: options.freezeObjects,
    settings: options.apiServer,
    staticTokens: { [token]: { name: 'admin', groups: ['system:masters'] } },
  })
  const listening = await listen({
    server: controlPlane.server,
    host: '127.0.0.1',
    port: 0,
    tls: { key: tls.key, cert: tls.certificate, clientCa: authority.certificate, frontProxyCa: frontProxyAuthority.certificate },
    clock,
    logger,
  })
  controlPlane.startControllers()
  const count = options.nodes ?? 1
  const world = { clock, random, logger, metrics }
  const nodes =
    count > 0
      ? await startSimulatedNodes(
          controlPlane,
          { simulatedNodes: count, dnsAddress, clusterDomain, name: 'library', image: options.image },
          world,
        )
      : undefined
  const server = `https://127.0.0.1:${listening.port}`
  return {
    server,
    certificateAuthority: authority.certificate,
    token,
    client: controlPlane.clientAs({ name: 'admin', groups: ['system:masters'] }, 'proa-library'),
    registerKind: kind => controlPlane.server.registerKind(kind),
    unregisterKind: (group, resource) => controlPlane.server.unregisterKind(group, resource),
    writeKubeconfig: path =>
      writeKubeconfig(
        path,
        mergeContext(
          {},
          {
            name: 'proa',
            cluster: { server, 'certificate-authority-data': Buffer.from(authority.certificate).toString('base64') },
            user: { token },
            current: true,
          },
        ),
      ),
    async close() {
      await nodes?.close()
      await listening.close()
      await controlPlane.close()
    },
  }
}
