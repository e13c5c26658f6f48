import type { FileFacts } from '../host/types.ts'
import { type VolumeContext, VolumeError, type VolumePlugin } from './types.ts'

const expected: Readonly<Record<string, { readonly type: FileFacts['type']; readonly words: string }>> = {
  Directory: { type: 'directory', words: 'a directory' },
  File: { type: 'file', words: 'a file' },
  Socket: { type: 'socket', words: 'a socket file' },
  CharDevice: { type: 'charDevice', words: 'a character device' },
  BlockDevice: { type: 'blockDevice', words: 'a block device' },
}

/** A path of the machine. The runtime does not check it, so it is checked here. */
export const hostPathVolume: VolumePlugin = {
  type: 'hostPath',
  async setUp({ volume, host }) {
    const { path = '', type = '' } = volume.hostPath ?? {}
    if (type === 'DirectoryOrCreate') await create(host, path, () => host.makeDirectory(path, 0o755))
    else if (type === 'FileOrCreate') await create(host, path, () => host.writeFile(path, '', 0o644))
    const wanted = expected[type.replace('OrCreate', '')]
    const facts = await host.inspect(path)
    if (wanted && facts?.type !== wanted.type && host.real)
      throw new VolumeError(`hostPath type check failed: ${path} is not ${wanted.words}`)
    // Without a type nothing is checked, and what is missing becomes a directory, as container runtimes have always done.
    if (!facts) await host.makeDirectory(path, 0o755)
    return { path }
  },
}

async function create(host: VolumeContext['host'], path: string, make: () => Promise<void>): Promise<void> {
  if (!(await host.inspect(path))) await make()
}
