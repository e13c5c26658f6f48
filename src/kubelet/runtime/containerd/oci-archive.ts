import { createHash } from 'node:crypto'
import { packTar, type TarEntry } from 'modern-tar'
import type { Architecture } from './pause-program.ts'

/** An image as an OCI layout in a tar archive, in the form that `ctr images import` and `docker load` read. */
export interface ImageArchive {
  /** With registry, repository and tag. */
  readonly reference: string
  readonly architecture: Architecture
  /** One layer; folders of a file come before it. */
  readonly files: readonly TarEntry[]
  readonly config: {
    readonly Entrypoint?: readonly string[]
    readonly Cmd?: readonly string[]
    readonly Env?: readonly string[]
    readonly User?: string
    readonly WorkingDir?: string
    readonly StopSignal?: string
  }
}

// The same content shall give the same digest.
const epoch = new Date(0)
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

export async function imageArchive(image: ImageArchive): Promise<Uint8Array> {
  const layer = await packTar(image.files.map(file => ({ ...file, header: { mtime: epoch, uid: 0, gid: 0, ...file.header } })))
  const config = json({
    architecture: image.architecture,
    os: 'linux',
    config: image.config,
    rootfs: { type: 'layers', diff_ids: [digest(layer)] },
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: manifestType,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  })
  const index = json({
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor(manifestType, manifest),
        annotations: {
          'io.containerd.image.name': image.reference,
          'org.opencontainers.image.ref.name': image.reference.slice(image.reference.lastIndexOf(':') + 1),
        },
      },
    ],
  })
  return packTar([
    entry('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    entry('index.json', index),
    ...[layer, config, manifest].map(blob => entry(`blobs/sha256/${digest(blob).slice('sha256:'.length)}`, blob)),
  ])
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const digest = (blob: Uint8Array): string => `sha256:${createHash('sha256').update(blob).digest('hex')}`
const descriptor = (mediaType: string, blob: Uint8Array) => ({ mediaType, digest: digest(blob), size: blob.length })
const entry = (name: string, body: Uint8Array): TarEntry => ({
  header: { name, size: body.length, type: 'file', mode: 0o644, mtime: epoch },
  body,
})
