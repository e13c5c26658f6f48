import { imageArchive } from './oci-archive.ts'
import { type Architecture, pauseProgram } from './pause-program.ts'

/** Under a name that no registry has: it is imported, never pulled. */
export const pauseImage = 'proa.internal/pause:1'

/** The image of every pod's sandbox, for `importImage`. */
export function pauseImageArchive(architecture: Architecture = hostArchitecture()): Promise<Uint8Array> {
  const program = pauseProgram(architecture)
  return imageArchive({
    reference: pauseImage,
    architecture,
    files: [{ header: { name: 'pause', size: program.length, type: 'file', mode: 0o755 }, body: program }],
    config: { Entrypoint: ['/pause'] },
  })
}

function hostArchitecture(): Architecture {
  return process.arch === 'arm64' ? 'arm64' : 'amd64'
}
