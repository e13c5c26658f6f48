import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A registry of images to pull from, by the OCI distribution specification: tags, digests and blobs, behind basic or
 * bearer credentials. It counts what was asked and can be told to break its downloads.
 */
export interface TestRegistry {
  /** Host and port, as in image names. */
  readonly address: string
  /** Offers the first image of an OCI archive under this repository and tag; answers the manifest's digest. */
  publish(repository: string, tag: string, archive: string): string
  /** While true, every download of a blob ends half way. */
  breakDownloads(broken: boolean): void
  /** Manifests that were handed out for this repository. */
  pulls(repository: string): number
  close(): Promise<void>
}

export interface RegistryOptions {
  readonly user: string
  readonly password: string
  readonly scheme: 'basic' | 'bearer'
}

interface Manifest {
  readonly digest: string
  readonly mediaType: string
  readonly body: Buffer
}

export async function startRegistry(options: RegistryOptions): Promise<TestRegistry> {
  const directory = mkdtempSync(join(tmpdir(), 'proa-registry-'))
  // By `repository@digest` and `repository:tag`.
  const manifests = new Map<string, Manifest>()
  const blobs = new Map<string, string>()
  const pulls = new Map<string, number>()
  const tokens = new Set<string>()
  let broken = false
  let address = ''

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://${address}`)
    if (pathname === '/token') return giveToken(request, response)
    if (!isAuthorized(request)) return askForCredentials(response, searchParams)
    const [, repository, what, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? []
    if (pathname === '/v2/') return response.writeHead(200).end()
    if (what === 'manifests') return giveManifest(request, response, repository as string, reference as string)
    if (what === 'blobs') return giveBlob(request, response, reference as string)
    refuse(response, 404, 'UNSUPPORTED', `no such path ${pathname}`)
  })

  function giveToken(request: IncomingMessage, response: ServerResponse): void {
    if (!hasBasicCredentials(request, options)) return refuse(response, 401, 'UNAUTHORIZED', 'incorrect username or password')
    const token = randomUUID()
    tokens.add(token)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token, expires_in: 60 }))
  }

  function isAuthorized(request: IncomingMessage): boolean {
    if (options.scheme === 'basic') return hasBasicCredentials(request, options)
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
    return token !== undefined && tokens.has(token)
  }

  function askForCredentials(response: ServerResponse, parameters: URLSearchParams): void {
    const scope = parameters.get('scope')
    const bearer = `Bearer realm="http://${address}/token",service="test"${scope ? `,scope="${scope}"` : ''}`
    response.setHeader('www-authenticate', options.scheme === 'basic' ? 'Basic realm="test"' : bearer)
    refuse(response, 401, 'UNAUTHORIZED', 'authentication required')
  }

  function giveManifest(request: IncomingMessage, response: ServerResponse, repository: string, reference: string): void {
    const manifest = manifests.get(`${repository}${reference.includes(':') ? '@' : ':'}${reference}`)
    if (!manifest) return refuse(response, 404, 'MANIFEST_UNKNOWN', `manifest unknown: ${repository}:${reference}`)
    if (request.method === 'GET') pulls.set(repository, (pulls.get(repository) ?? 0) + 1)
    response.writeHead(200, {
      'content-type': manifest.mediaType,
      'content-length': manifest.body.length,
      'docker-content-digest': manifest.digest,
    })
    response.end(request.method === 'HEAD' ? undefined : manifest.body)
  }

  function giveBlob(request: IncomingMessage, response: ServerResponse, digest: string): void {
    const path = blobs.get(digest)
    if (!path) return refuse(response, 404, 'BLOB_UNKNOWN', `blob unknown: ${digest}`)
    const size = statSync(path).size
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
    if (request.method === 'HEAD') return void response.end()
    if (!broken) return void createReadStream(path).pipe(response)
    response.write(readFileSync(path).subarray(0, size >> 1), () => response.destroy())
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    address,
    publish(repository, tag, archive) {
      const target = mkdtempSync(join(directory, 'archive-'))
      execFileSync('tar', ['-C', target, '-xf', archive])
      const index = JSON.parse(readFileSync(join(target, 'index.json'), 'utf8')) as { manifests: { digest: string; mediaType: string }[] }
      const { digest, mediaType } = index.manifests[0] as { digest: string; mediaType: string }
      const blobPath = (name: string) => join(target, 'blobs', name.replace(':', '/'))
      const body = readFileSync(blobPath(digest))
      const { config, layers } = JSON.parse(body.toString()) as { config: { digest: string }; layers: { digest: string }[] }
      for (const part of [config, ...layers]) blobs.set(part.digest, blobPath(part.digest))
      const manifest = { digest, mediaType, body }
      manifests.set(`${repository}:${tag}`, manifest).set(`${repository}@${digest}`, manifest)
      return digest
    },
    breakDownloads: value => {
      broken = value
    },
    pulls: repository => pulls.get(repository) ?? 0,
    async close() {
      await closeServer(server)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function hasBasicCredentials(request: IncomingMessage, { user, password }: RegistryOptions): boolean {
  return request.headers.authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: [{ code, message }] }))
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}
