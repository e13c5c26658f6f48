import { execFile } from 'node:child_process'
import { RuntimeError } from '../types.ts'

export interface ImageImport {
  /** The client that comes with containerd. */
  readonly ctr: string
  readonly socket: string
  /** A docker or OCI archive. */
  readonly path: string
  readonly signal?: AbortSignal
}

/** Loads the images of an archive into containerd, where its CRI plugin sees them within milliseconds. Returns ctr's report. */
export function importImage({ ctr, socket, path, signal }: ImageImport): Promise<string> {
  const args = ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', path]
  return new Promise((resolve, reject) => {
    execFile(ctr, args, { signal }, (error, stdout, stderr) => {
      if (error) reject(new RuntimeError('Unknown', `import images from ${path}: ${stderr.trim() || error.message}`, { cause: error }))
      else resolve(stdout)
    })
  })
}
