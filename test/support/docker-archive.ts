import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Writes the image of an OCI archive as `docker save` does: `manifest.json`, the configuration and a tar for each layer. */
export function writeDockerArchive(ociArchive: string, tag: string, path: string): void {
  const work = mkdtempSync(join(tmpdir(), 'docker-archive-'))
  try {
    const source = join(work, 'oci')
    const target = join(work, 'docker')
    for (const directory of [source, target]) mkdirSync(directory)
    execFileSync('tar', ['-C', source, '-xf', ociArchive])
    const readJson = (file: string) => JSON.parse(readFileSync(join(source, file), 'utf8'))
    const blob = (digest: string) => join('blobs', digest.replace(':', '/'))
    const [{ digest }] = readJson('index.json').manifests as [{ digest: string }]
    const { config, layers } = readJson(blob(digest)) as { config: { digest: string }; layers: { digest: string }[] }
    const hex = (one: { digest: string }) => one.digest.slice('sha256:'.length)
    copyFileSync(join(source, blob(config.digest)), join(target, `${hex(config)}.json`))
    for (const layer of layers) {
      mkdirSync(join(target, hex(layer)))
      copyFileSync(join(source, blob(layer.digest)), join(target, hex(layer), 'layer.tar'))
    }
    const manifest = [{ Config: `${hex(config)}.json`, RepoTags: [tag], Layers: layers.map(layer => `${hex(layer)}/layer.tar`) }]
    writeFileSync(join(target, 'manifest.json'), JSON.stringify(manifest))
    execFileSync('tar', ['-C', target, '-cf', path, '.'])
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
