import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The part of an OCI image configuration that test images use. */
export interface ImageSettings {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
  readonly StopSignal?: string
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** Writes an OCI archive at `path` that holds the root file system as one layer under all of `names`. */
export async function writeOciArchive(
  path: string,
  names: readonly string[],
  rootDirectory: string,
  settings: ImageSettings,
): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'oci-archive-'))
  try {
    const blobs = join(work, 'blobs/sha256')
    mkdirSync(blobs, { recursive: true })
    const layerPath = join(work, 'layer.tar')
    // Sorted, with fixed owners and times: the same content gives the same digest.
    execFileSync('tar', [
      '-C',
      rootDirectory,
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '-cf',
      layerPath,
      '.',
    ])
    const layer = { ...(await describeFile(layerPath, 'application/vnd.oci.image.layer.v1.tar')) }
    linkSync(layerPath, join(blobs, hexOf(layer.digest)))
    const configuration = {
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ...settings },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      history: [{ created: '1970-01-01T00:00:00Z', created_by: 'test image' }],
    }
    const config = writeBlob(blobs, 'application/vnd.oci.image.config.v1+json', configuration)
    const manifest = writeBlob(blobs, 'application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [layer],
    })
    const manifests = names.map(name => ({
      ...manifest,
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1) },
    }))
    writeFileSync(join(work, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
    writeFileSync(join(work, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
    execFileSync('tar', ['-C', work, '-cf', path, 'oci-layout', 'index.json', 'blobs'])
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function writeBlob(directory: string, mediaType: string, content: unknown): Descriptor {
  const bytes = Buffer.from(JSON.stringify(content))
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  writeFileSync(join(directory, hexOf(digest)), bytes)
  return { mediaType, digest, size: bytes.length }
}

async function describeFile(path: string, mediaType: string): Promise<Descriptor> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return { mediaType, digest: `sha256:${hash.digest('hex')}`, size: statSync(path).size }
}

const hexOf = (digest: string) => digest.slice('sha256:'.length)
