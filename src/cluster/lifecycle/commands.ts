import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClusterConfiguration, ClusterPaths } from '../configuration.ts'
import { entryUrl } from '../entry.ts'
import { containerdScript, quote } from './containerd.ts'
import { type Component, componentsOf } from './processes.ts'

/**
 * Memory settings of our processes: a small young generation keeps what is resident small, and costs a little time
 * only under load. It is collected faster than other threads can be woken to help.
 */
const nodeFlags = {
  server: ['--max-semi-space-size=8', '--no-parallel-scavenge'],
  agent: ['--max-semi-space-size=2'],
} as const

/** Writes, for each component, the script that becomes it, where its supervisor looks for it. */
export function writeCommands(configuration: ClusterConfiguration, paths: ClusterPaths): void {
  const script = join(paths.run, 'supervisor.sh')
  // Never in place: a shell that runs the script may read on in it.
  copyFileSync(fileURLToPath(entryUrl('supervisor')), `${script}.new`)
  chmodSync(`${script}.new`, 0o755)
  renameSync(`${script}.new`, script)
  mkdirSync(paths.logs, { recursive: true })
  for (const component of componentsOf(configuration)) {
    linkLog(paths, component)
    writeFileSync(join(paths.run, `${component}.command`), commandOf(component, configuration, paths), { mode: 0o700 })
  }
}

/** The shell script that becomes the component. */
export const commandOf = (component: Component, configuration: ClusterConfiguration, paths: ClusterPaths): string =>
  component === 'containerd' ? containerdScript(configuration, paths) : nodeScript(component, configuration)

function nodeScript(entry: 'server' | 'agent', configuration: ClusterConfiguration): string {
  const words = [process.execPath, ...nodeFlags[entry], fileURLToPath(entryUrl(entry)), configuration.dataDirectory]
  const cache = process.env.NODE_COMPILE_CACHE
  return `${cache ? `export NODE_COMPILE_CACHE=${quote(cache)}\n` : ''}exec ${words.map(quote).join(' ')}\n`
}

/** The supervisor writes to RUN/COMPONENT.log; the text itself belongs to the data directory. */
function linkLog(paths: ClusterPaths, component: string): void {
  const link = join(paths.run, `${component}.log`)
  rmSync(`${link}.new`, { force: true })
  symlinkSync(join(paths.logs, `${component}.log`), `${link}.new`)
  renameSync(`${link}.new`, link)
}
