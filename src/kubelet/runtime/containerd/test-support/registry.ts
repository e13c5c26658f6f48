import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { unpackTar } from 'modern-tar'

/** A registry of one image, for those who know the password. */
export interface TestRegistry {
  readonly address: string
  readonly digest: string
  /** Cuts the next answers with an image's layer in the middle. */
  breakLayers(count: number): void
  close(): Promise<void>
}

export async function startTestRegistry(repository: string, archive: Uint8Array, credentials: string): Promise<TestRegistry> {
  const blobs = new Map<string, Uint8Array>()
  let index = { manifests: [{ digest: '', mediaType: '' }] }
  for (const { header, data = new Uint8Array(0) } of await unpackTar(archive)) {
    if (header.name === 'index.json') index = JSON.parse(Buffer.from(data).toString())
    if (header.name.startsWith('blobs/sha256/')) blobs.set(`sha256:${header.name.slice('blobs/sha256/'.length)}`, data)
  }
  const manifest = index.manifests[0] as { digest: string; mediaType: string }
  const layers = new Set<string>(
    JSON.parse(Buffer.from(blobs.get(manifest.digest) ?? []).toString()).layers.map((layer: { digest: string }) => layer.digest),
  )
  let broken = 0

  const server = http.createServer((request, response) => {
    if (request.headers.authorization !== `Basic ${Buffer.from(credentials).toString('base64')}`)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    if (request.url === '/v2/') return void response.end('{}')
    const [, kind, reference = ''] = new RegExp(`^/v2/${repository}/(manifests|blobs)/([^?]+)`).exec(request.url ?? '') ?? []
    const digest = kind === 'manifests' && !reference.startsWith('sha256:') ? manifest.digest : reference
    const blob = blobs.get(digest)
    if (!blob || (kind === 'manifests' && !['1', manifest.digest].includes(reference))) return void response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': kind === 'manifests' ? manifest.mediaType : 'application/octet-stream',
      'content-length': blob.length,
      'docker-content-digest': digest,
    })
    if (request.method === 'HEAD') return void response.end()
    if (!layers.has(digest) || broken === 0) return void response.end(blob)
    broken--
    response.write(blob.subarray(0, blob.length / 2), () => response.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    digest: manifest.digest,
    breakLayers: count => {
      broken = count
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
