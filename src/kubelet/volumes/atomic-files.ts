import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { HostAccess } from '../host/types.ts'
import type { Payload } from './payload.ts'

/**
 * Writes a set of files so that a reader sees the old set or the new one: they go to a directory of their own, and one symbolic
 * link, `..data`, moves from the old to the new. The names that people see are links through `..data`. The directory's name
 * carries a hash of the content, so nothing is written when nothing changed, and no state is needed to know it.
 */
export async function writeAtomically(host: HostAccess, directory: string, payload: Payload, group: number | undefined): Promise<void> {
  const version = `..${contentHash(payload, group)}`
  const before = await host.readLink(join(directory, '..data'))
  if (before === version) return
  await host.makeDirectory(directory, 0o755)
  const fresh = join(directory, version)
  // Left by a kubelet that was killed halfway.
  await host.remove(fresh)
  await host.makeDirectory(fresh, 0o755)
  for (const parent of parentsOf(payload)) await host.makeDirectory(join(fresh, parent), 0o755)
  for (const [path, { content, mode, owner }] of payload) {
    await host.writeFile(join(fresh, path), content, group === undefined ? mode : mode | ((mode & 0o400) >> 3))
    if (owner !== undefined) await host.setOwner(join(fresh, path), owner, unchanged)
  }
  if (group !== undefined) await host.giveToGroup(directory, group, true, false)
  await host.link(version, join(directory, '..data'))
  await linkNames(host, directory, payload)
  if (before !== undefined) await host.remove(join(directory, before))
}

/** Of the group, to chown. */
const unchanged = -1

async function linkNames(host: HostAccess, directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map(path => path.split('/', 1)[0] ?? path))
  for (const name of wanted) {
    const target = `..data/${name}`
    if ((await host.readLink(join(directory, name))) !== target) await host.link(target, join(directory, name))
  }
  for (const name of await host.list(directory)) {
    if (!name.startsWith('..') && !wanted.has(name)) await host.remove(join(directory, name))
  }
}

const parentsOf = (payload: Payload) => new Set([...payload.keys()].map(path => dirname(path)).filter(parent => parent !== '.'))

function contentHash(payload: Payload, group: number | undefined): string {
  const hash = createHash('sha256').update(String(group))
  for (const [path, { content, mode, owner = '' }] of [...payload].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\0${path}\0${mode}\0${owner}\0${content.byteLength}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 32)
}
