import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a cluster has on the machine, told apart from everything else there by its name, its directories and its address range. */
export interface TracedCluster {
  readonly name: string
  readonly dataDirectory: string
  readonly podCidr: string
}

/** Everything of a cluster that runs, is mounted, routed or stored, one line each; empty once nothing is left. */
export function tracesOf(cluster: TracedCluster): string[] {
  return [...processesOf(cluster), ...mountsOf(cluster), ...kernelObjectsOf(cluster), ...filesOf(cluster)]
}

/** Processes that were started for it: those that name its directories, and those in its cgroups. */
export function processesOf({ name, dataDirectory }: TracedCluster): string[] {
  const found: string[] = []
  for (const pid of readdirSync('/proc').filter(entry => /^\d+$/.test(entry) && Number(entry) !== process.pid)) {
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
    const named = [dataDirectory, `/run/proa/${name}`].some(path => new RegExp(`${escapeText(path)}(/|\\s|$)`).test(command))
    const held = new RegExp(`:/proa/${escapeText(name)}(/|$)`, 'm').test(read(`/proc/${pid}/cgroup`))
    if (named || held) found.push(`process ${pid}: ${command}`)
  }
  return found
}

function mountsOf({ name, dataDirectory }: TracedCluster): string[] {
  const below = (path: string) => [dataDirectory, `/run/proa/${name}`].some(top => path === top || path.startsWith(`${top}/`))
  return read('/proc/self/mounts')
    .split('\n')
    .map(line => line.split(' ')[1] ?? '')
    .filter(below)
    .map(path => `mount ${path}`)
}

/** Interfaces of pods show by the routes that lead to them, whatever they are called. */
function kernelObjectsOf({ name, podCidr }: TracedCluster): string[] {
  const routes = run('ip', ['route', 'show', 'root', podCidr]).map(line => `route ${line}`)
  const tables = run('nft', ['list', 'tables']).filter(line => new RegExp(`^table \\w+ proa-${escapeText(name)}-[a-z]+$`).test(line))
  const groups = globSync([`/sys/fs/cgroup/proa/${name}`, `/sys/fs/cgroup/*/proa/${name}`]).map(path => `cgroup ${path}`)
  return [...routes, ...tables, ...groups]
}

function filesOf({ name, dataDirectory }: TracedCluster): string[] {
  const results = new RegExp(`^proa-${escapeText(name)}-[0-9a-f]{64}-`)
  const cached = existsSync('/var/lib/cni/results') ? readdirSync('/var/lib/cni/results').filter(file => results.test(file)) : []
  return [
    ...[dataDirectory, `/run/proa/${name}`].filter(path => existsSync(path)),
    ...cached.map(file => join('/var/lib/cni/results', file)),
    ...globSync(`/var/lib/cni/networks/proa-${name}`),
  ].map(path => `file ${path}`)
}

function run(command: string, words: readonly string[]): string[] {
  return execFileSync(command, words, { encoding: 'utf8' }).split('\n').filter(Boolean)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Processes end while they are looked at.
    return ''
  }
}

const escapeText = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
