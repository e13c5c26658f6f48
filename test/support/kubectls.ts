import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The versions of kubectl that tests can use here: what the machine has, and Debian's own package beside it, not installed. */
export interface Kubectl {
  /** `1.33` */
  readonly version: string
  readonly path: string
}

const places = ['/usr/lib/google-cloud-sdk/bin/kubectl.1.*', '/usr/local/bin/kubectl', '/usr/bin/kubectl']

/** Oldest first, one of each minor version; prints what it would have liked to find. */
export function findKubectls(): readonly Kubectl[] {
  const found = new Map<string, Kubectl>()
  for (const path of [...globSync(places), ...debianKubectl()]) {
    const version = versionOf(path)
    if (version !== undefined && !found.has(version)) found.set(version, { version, path })
  }
  if (found.size === 0) console.log('No kubectl was found: tests that use it are skipped.')
  return [...found.values()].sort((left, right) => minorOf(left) - minorOf(right))
}

const minorOf = ({ version }: Kubectl): number => Number(version.split('.')[1])

function versionOf(path: string): string | undefined {
  const { stdout } = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
  const [, major, minor] = /"gitVersion":\s*"v(\d+)\.(\d+)/.exec(stdout ?? '') ?? []
  return major && minor ? `${major}.${minor}` : undefined
}

function debianKubectl(): string[] {
  const directory = join(tmpdir(), 'proa-test-debian-kubectl')
  const path = join(directory, 'usr/bin/kubectl')
  if (existsSync(path)) return [path]
  mkdirSync(directory, { recursive: true })
  const script = 'apt-get download -q kubernetes-client && dpkg -x kubernetes-client_*.deb .'
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: directory, encoding: 'utf8' })
  if (status === 0 && existsSync(path)) return [path]
  console.log(`Debian's kubectl could not be fetched, so it is not tested: ${(stderr ?? '').trim().split('\n').at(-1)}`)
  return []
}
