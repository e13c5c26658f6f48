import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtInKinds } from '../apis/index.ts'
import { createLogger, createMetrics, systemClock, systemRandom } from '../base/index.ts'
import { openStorage } from '../storage/index.ts'
import { type ApiServer, type ApiServerOptions, createApiServer, type Listening, listen } from './index.ts'

/**
 * A whole API server for tests and for trying things by hand with kubectl: memory instead of a journal,
 * every token is an administrator, everything is allowed.
 */
export interface DevServer {
  readonly server: ApiServer
  readonly listening: Listening
  readonly url: string
  close(): Promise<void>
}

export async function startDevServer(changes: Partial<ApiServerOptions> & { readonly port?: number } = {}): Promise<DevServer> {
  const clock = systemClock()
  const random = systemRandom()
  const metrics = createMetrics()
  const logger = createLogger({ clock, level: 'warn', write: line => void process.stderr.write(line) })
  const storage = changes.storage ?? (await openStorage({ clock, logger, metrics, clusterId: 'dev' }))
  const server = createApiServer({
    storage,
    kinds: builtInKinds,
    clock,
    random,
    logger,
    metrics,
    authenticators: [
      {
        async authenticate({ authorization }) {
          return authorization?.startsWith('Bearer ') ? { name: 'dev', groups: ['system:masters'] } : undefined
        },
      },
    ],
    authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
    admission: [],
    handlers: { subresources: {}, reviews: {} },
    serviceRanges: { clusterIPs: ['10.43.0.0/16'], nodePorts: { first: 30000, last: 32767 } },
    version: devVersion,
    freezeObjects: true,
    ...changes,
  })
  const tls = selfSigned()
  const listening = await listen({ server, host: '127.0.0.1', port: changes.port ?? 0, tls, clock, logger })
  return {
    server,
    listening,
    url: `https://127.0.0.1:${listening.port}`,
    async close() {
      await listening.close()
      await server.close()
      if (!changes.storage) await storage.close()
    },
  }
}

const devVersion = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.2+proa',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'tsc',
  platform: 'linux/amd64',
}

function selfSigned(): { key: string; cert: string; clientCa: string } {
  const directory = mkdtempSync(join(tmpdir(), 'proa-apiserver-'))
  try {
    const key = join(directory, 'key.pem')
    const cert = join(directory, 'cert.pem')
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
    const parameters = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', '-x509', ...parameters, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
    const certificate = readFileSync(cert, 'utf8')
    return { key: readFileSync(key, 'utf8'), cert: certificate, clientCa: certificate }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

if (import.meta.main) {
  const dev = await startDevServer({ port: Number(process.argv[2] ?? 16443), freezeObjects: process.argv[3] !== 'fast' })
  process.stdout.write(`kubectl --server ${dev.url} --insecure-skip-tls-verify --token x\n`)
}
