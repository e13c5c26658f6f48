import { statfs } from 'node:fs/promises'
import type { FilesystemUsage } from '../../runtime/types.ts'

/** A file system as a whole, and what is taken of it by what is spoken of. */
export interface FilesystemReading {
  readonly available_bytes?: number
  readonly capacity_bytes?: number
  readonly inodesFree?: number
  readonly inodes?: number
  readonly used_bytes: number
  readonly inodesUsed: number
}

/** All that is on the file system of a path. */
export async function readFilesystem(path: string): Promise<FilesystemReading | undefined> {
  const whole = await wholeOf(path)
  if (!whole) return undefined
  const { free_bytes, ...rest } = whole
  return { ...rest, used_bytes: rest.capacity_bytes - free_bytes, inodesUsed: rest.inodes - rest.inodesFree }
}

/** What the runtime says of a part, beside the whole that it is on where this process can see that. */
export async function withinFilesystem({ mountpoint, used_bytes, inodesUsed }: FilesystemUsage): Promise<FilesystemReading> {
  const { free_bytes: _, ...whole } = (await wholeOf(mountpoint)) ?? {}
  return { ...whole, used_bytes, inodesUsed }
}

async function wholeOf(path: string) {
  const disk = await statfs(path).catch(() => undefined)
  return (
    disk && {
      available_bytes: disk.bavail * disk.bsize,
      capacity_bytes: disk.blocks * disk.bsize,
      free_bytes: disk.bfree * disk.bsize,
      inodesFree: disk.ffree,
      inodes: disk.files,
    }
  )
}
