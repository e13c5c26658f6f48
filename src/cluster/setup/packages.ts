import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A program that a node needs, where it may be, and the Debian package that brings it. */
interface Requirement {
  readonly what: string
  readonly package: string
  readonly present: () => boolean
}

const binaryDirectories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The path of a program, looked up in the system's directories rather than in whatever PATH a caller has. */
export function findBinary(name: string): string | undefined {
  return binaryDirectories.map(directory => join(directory, name)).find(existsSync)
}

const cniDirectories = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni']

export const findCniDirectory = (): string | undefined =>
  cniDirectories.find(directory => existsSync(join(directory, 'ptp')) && existsSync(join(directory, 'host-local')))

const requirements: readonly Requirement[] = [
  { what: 'containerd, which runs containers', package: 'containerd', present: () => findBinary('containerd') !== undefined },
  {
    what: 'crun, the OCI runtime',
    package: 'crun',
    // runc does the same, only slower; what is found on the machine is used.
    present: () => findBinary('crun') !== undefined || findBinary('runc') !== undefined,
  },
  { what: 'the CNI plugins ptp and host-local', package: 'containernetworking-plugins', present: () => findCniDirectory() !== undefined },
  { what: 'nft, for services', package: 'nftables', present: () => findBinary('nft') !== undefined },
  { what: 'ip, for routes and interfaces', package: 'iproute2', present: () => findBinary('ip') !== undefined },
  { what: 'nsenter, to enter namespaces', package: 'util-linux', present: () => findBinary('nsenter') !== undefined },
  {
    what: 'conntrack, to end UDP flows to endpoints that are gone',
    package: 'conntrack',
    present: () => findBinary('conntrack') !== undefined,
  },
]

export interface MissingPackage {
  readonly what: string
  readonly package: string
}

export const missingPackages = (): readonly MissingPackage[] => requirements.filter(requirement => !requirement.present())

/** Installs Debian packages, without their recommendations and without starting their services. Rejects with the end of what the package manager said. */
export async function installPackages(packages: readonly string[], signal: AbortSignal): Promise<void> {
  const apt = findBinary('apt-get')
  if (!apt) throw new Error(`this machine has no apt-get; install ${packages.join(', ')} by its own package manager`)
  // A list of packages that was never fetched, or is old, is the usual reason for a failure: fetch it and try once more.
  const first = await run(apt, installArguments(packages), signal)
  if (first.status === 0) return
  await run(apt, ['update'], signal)
  const second = await run(apt, installArguments(packages), signal)
  if (second.status !== 0)
    throw new Error(`apt-get install ${packages.join(' ')} ended with status ${second.status}: ${second.output.slice(-600)}`)
}

// Proa runs a containerd of its own: the package's service would only take memory.
const installArguments = (packages: readonly string[]): string[] => [
  'install',
  '-y',
  '--no-install-recommends',
  '-o',
  'Dpkg::Use-Pty=0',
  ...packages,
]

function run(command: string, words: readonly string[], signal: AbortSignal): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const child = spawn(command, words, { env: environment, signal, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer) => {
      output = (output + chunk).slice(-8192)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', status => resolve({ status: status ?? 1, output }))
  })
}
