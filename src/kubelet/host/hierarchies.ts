import { readFile } from 'node:fs/promises'

/** A mounted cgroup hierarchy; version 2 has one for everything, version 1 one for each controller. */
export interface Hierarchy {
  readonly mountpoint: string
  readonly version: 1 | 2
  readonly controllers: readonly string[]
}

export async function readHierarchies(mountInfo: string): Promise<Hierarchy[]> {
  const lines = (await readFile(mountInfo, 'utf8')).split('\n')
  return lines.flatMap((line): Hierarchy[] => {
    const [before = '', after = ''] = line.split(' - ')
    const [type, , options = ''] = after.split(' ')
    const mountpoint = before.split(' ')[4] ?? ''
    if (type === 'cgroup2') return [{ mountpoint, version: 2 as const, controllers: [] }]
    return type === 'cgroup' ? [{ mountpoint, version: 1 as const, controllers: options.split(',') }] : []
  })
}

/** The one hierarchy of a machine that has version 2 alone; beside version 1, a version 2 counts and limits nothing. */
export const unifiedOf = (all: readonly Hierarchy[]): Hierarchy | undefined =>
  all.length === 1 && all[0]?.version === 2 ? all[0] : undefined
