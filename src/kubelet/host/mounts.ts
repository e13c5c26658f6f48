import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, realpath, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join, relative as relativePath, resolve } from 'node:path'
import { unlessMissing } from './missing.ts'
import type { HostAccess } from './types.ts'

type Mounts = Pick<HostAccess, 'mountTmpfs' | 'mountInside' | 'unmountBelow'>

const tmpfsMagic = 0x01021994
const openPathOnly = 0o10000000 // O_PATH, which Node has no name for.

export function mounts(): Mounts {
  return {
    async mountTmpfs(path, size_bytes) {
      await mkdir(path, { recursive: true })
      const isMounted = size_bytes === undefined ? (await statfs(path)).type === tmpfsMagic : (await mountsBelow(path)).includes(path)
      if (isMounted) return
      await run('mount', ['-t', 'tmpfs', ...(size_bytes === undefined ? [] : ['-o', `size=${size_bytes}`]), 'tmpfs', path])
    },
    mountInside,
    async unmountBelow(path) {
      // Later mounts lie over earlier ones.
      for (const mountpoint of (await mountsBelow(path)).reverse()) await run('umount', ['--lazy', mountpoint])
    },
  }
}

/**
 * A container can swap directories for symbolic links while this runs. So links are resolved first, the result must lie inside,
 * and then each step is opened without following links; what is mounted is the opened file, not its path.
 */
async function mountInside(root: string, relative: string, target: string): Promise<void> {
  const realRoot = await realpath(root)
  const real = await resolveInside(realRoot, relative)
  const steps = relativePath(realRoot, real)
    .split('/')
    .filter(step => step !== '')
  let current = await open(realRoot, openPathOnly | constants.O_DIRECTORY)
  try {
    for (const step of steps) {
      const next = await openStep(current, step)
      await current.close()
      current = next
    }
    await prepareTarget(target, (await current.stat()).isDirectory())
    if ((await mountsBelow(target)).includes(target)) return
    await run('mount', ['--no-canonicalize', '--bind', `/proc/${process.pid}/fd/${current.fd}`, target])
  } finally {
    await current.close()
  }
}

async function resolveInside(realRoot: string, relative: string): Promise<string> {
  const wanted = resolve(realRoot, relative)
  assertInside(realRoot, wanted, relative)
  const existing = await unlessMissing(realpath(wanted))
  if (existing !== undefined) {
    assertInside(realRoot, existing, relative)
    return existing
  }
  // The missing end of the path is created below; what exists of it is resolved.
  const parent = wanted === realRoot ? realRoot : await resolveInside(realRoot, relativePath(realRoot, dirname(wanted)))
  return join(parent, wanted.slice(dirname(wanted).length + 1))
}

function assertInside(root: string, path: string, relative: string): void {
  if (path !== root && !path.startsWith(`${root}/`)) throw new Error(`subPath ${JSON.stringify(relative)} leads outside of its volume`)
}

async function openStep(parent: FileHandle, step: string): Promise<FileHandle> {
  const path = `/proc/${process.pid}/fd/${parent.fd}/${step}`
  const openUnfollowed = () => open(path, openPathOnly | constants.O_NOFOLLOW)
  const file: FileHandle = (await unlessMissing(openUnfollowed())) ?? (await mkdir(path, { mode: 0o750 }).then(openUnfollowed))
  if ((await file.stat()).isSymbolicLink()) {
    await file.close()
    throw new Error(`subPath: ${step} turned into a symbolic link while it was mounted`)
  }
  return file
}

async function prepareTarget(target: string, isDirectory: boolean): Promise<void> {
  if (await unlessMissing(stat(target))) return
  await mkdir(isDirectory ? target : dirname(target), { recursive: true })
  if (!isDirectory) await writeFile(target, '', { flag: 'a' })
}

/** Mount points at or below a path, in the order in which they were mounted. */
export async function mountsBelow(path: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  const points = lines.map(line => decodeField(line.split(' ', 5)[4] ?? ''))
  return points.filter(point => point === path || point.startsWith(`${path}/`))
}

const decodeField = (field: string) =>
  field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

function run(command: string, parameters: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, parameters, (error, _stdout, stderr) => {
      if (error) reject(new Error(`${command} ${parameters.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }))
      else resolve()
    })
  })
}
