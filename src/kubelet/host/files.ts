import type { Stats } from 'node:fs'
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMissing, unlessMissing } from './missing.ts'
import { mountsBelow } from './mounts.ts'
import type { FileFacts, HostAccess } from './types.ts'

type Files = Pick<
  HostAccess,
  | 'makeDirectory'
  | 'writeFile'
  | 'readFile'
  | 'readTail'
  | 'list'
  | 'inspect'
  | 'link'
  | 'readLink'
  | 'rename'
  | 'setMode'
  | 'giveToGroup'
  | 'setOwner'
  | 'remove'
>

export function files(temporarySuffix: () => string): Files {
  return {
    async makeDirectory(path, mode) {
      await mkdir(path, { recursive: true })
      // mkdir's mode is cut by the process's umask.
      if (mode !== undefined) await chmod(path, mode)
    },
    async writeFile(path, content, mode = 0o644) {
      const temporary = path + temporarySuffix()
      await withParent(path, () => writeFile(temporary, content, { mode }))
      await chmod(temporary, mode)
      await rename(temporary, path)
    },
    readFile: path => unlessMissing(readFile(path)),
    async readTail(path, length_bytes) {
      const file = await unlessMissing(open(path, 'r'))
      if (!file) return undefined
      try {
        const { size } = await file.stat()
        const length = Math.min(size, length_bytes)
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
        return buffer.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    },
    list: async path => (await unlessMissing(readdir(path))) ?? [],
    async inspect(path) {
      const facts = await unlessMissing(stat(path))
      return facts && { type: fileType(facts), size_bytes: facts.size }
    },
    async link(target, path) {
      const temporary = path + temporarySuffix()
      await withParent(path, () => symlink(target, temporary))
      await rename(temporary, path)
    },
    readLink: path => unlessMissing(readlink(path)),
    rename,
    setMode: chmod,
    setOwner: chown,
    async giveToGroup(path, gid, readOnly, onlyOnMismatch) {
      if (onlyOnMismatch && (await belongsToGroup(path, gid, readOnly))) return
      await giveTreeToGroup(path, gid, readOnly)
    },
    async remove(path) {
      const mounted = await mountsBelow(path)
      if (mounted.length) throw new Error(`remove ${path}: ${mounted[0]} is still mounted; nothing was removed`)
      await rm(path, { recursive: true, force: true })
    },
  }
}

async function giveTreeToGroup(path: string, gid: number, readOnly: boolean): Promise<void> {
  const facts = await lstat(path)
  if (facts.isSymbolicLink()) return lchown(path, facts.uid, gid)
  await chown(path, facts.uid, gid)
  await chmod(path, (facts.mode & 0o7777) | groupBits(facts.isDirectory(), readOnly))
  if (!facts.isDirectory()) return
  for (const name of await readdir(path)) await giveTreeToGroup(join(path, name), gid, readOnly)
}

async function belongsToGroup(path: string, gid: number, readOnly: boolean): Promise<boolean> {
  const facts = await stat(path)
  const wanted = groupBits(true, readOnly)
  return facts.gid === gid && (facts.mode & wanted) === wanted
}

const groupBits = (directory: boolean, readOnly: boolean) => (readOnly ? 0o440 : 0o660) | (directory ? 0o2110 : 0)

function fileType(facts: Stats): FileFacts['type'] {
  if (facts.isFile()) return 'file'
  if (facts.isDirectory()) return 'directory'
  if (facts.isSocket()) return 'socket'
  if (facts.isCharacterDevice()) return 'charDevice'
  return facts.isBlockDevice() ? 'blockDevice' : 'other'
}

async function withParent(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (!isMissing(error)) throw error
    await mkdir(dirname(path), { recursive: true })
    await write()
  }
}
