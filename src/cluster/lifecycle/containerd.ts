import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containerdCommand, containerdConfiguration, machineFacts, pauseImage } from '../../kubelet/runtime/containerd/index.ts'
import type { ClusterConfiguration, ClusterPaths } from '../configuration.ts'
import { findBinary, findCniDirectory } from '../setup/packages.ts'

/** Where this cluster's own containerd keeps what; its state lies in the run directory, on tmpfs. */
export const containerdLayout = (paths: ClusterPaths) => ({
  run: join(paths.run, 'containerd'),
  state: join(paths.run, 'containerd', 'state'),
  oci: join(paths.run, 'containerd', 'oci'),
  root: join(paths.containerd, 'root'),
  configuration: join(paths.containerd, 'config.toml'),
  registries: join(paths.containerd, 'certs.d'),
  cniConfiguration: join(paths.cni, 'net.d'),
})

/** Writes the configuration and answers the script that becomes containerd. */
export function containerdScript(_configuration: ClusterConfiguration, paths: ClusterPaths): string {
  const layout = containerdLayout(paths)
  for (const directory of [layout.run, layout.root, layout.registries, layout.cniConfiguration, paths.kubelet])
    mkdirSync(directory, { recursive: true, mode: 0o711 })
  const containerd = required('containerd')
  const crun = findBinary('crun')
  const ociName = crun ? 'crun' : 'runc'
  const ociRuntime = { program: crun ?? required('runc'), path: join(layout.run, ociName) }
  const facts = machineFacts()
  const text = containerdConfiguration({
    version: versionOf(containerd, join(paths.containerd, 'version.json')),
    rootDirectory: layout.root,
    stateDirectory: layout.state,
    socket: paths.containerdSocket,
    ociRuntime: { name: ociName, path: ociRuntime.path, stateDirectory: layout.oci },
    pauseImage,
    cni: { binaryDirectory: findCniDirectory() ?? '/opt/cni/bin', configurationDirectory: layout.cniConfiguration },
    registryDirectory: layout.registries,
    restrictOomScoreAdjust: facts.restrictOomScoreAdjust,
    appArmor: facts.appArmor,
  })
  writeFileSync(layout.configuration, text)
  const words = containerdCommand({
    containerd,
    configuration: layout.configuration,
    runDirectory: layout.run,
    podsDirectory: paths.kubelet,
    ociRuntime,
  })
  return `exec ${words.map(quote).join(' ')}\n`
}

/** One word of a shell script. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

function required(name: string): string {
  const path = findBinary(name)
  if (!path) throw new Error(`start containerd: ${name} is not installed`)
  return path
}

/** Asking the program takes longer than all else here, so the answer is kept for as long as the file is the same. */
function versionOf(containerd: string, notePath: string): string {
  const { size, mtimeMs } = statSync(containerd)
  const identity = `${containerd} ${size} ${mtimeMs}`
  if (existsSync(notePath)) {
    const note = JSON.parse(readFileSync(notePath, 'utf8')) as { identity: string; version: string }
    if (note.identity === identity) return note.version
  }
  const output = execFileSync(containerd, ['--version'], { encoding: 'utf8' })
  const version = /\bv?(\d+\.\d+\.\d+\S*)/.exec(output)?.[1]
  if (!version) throw new Error(`start containerd: no version in what \`${containerd} --version\` prints: ${output.trim()}`)
  writeFileSync(notePath, JSON.stringify({ identity, version }))
  return version
}
