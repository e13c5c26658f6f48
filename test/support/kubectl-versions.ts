import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A kubectl that people use, or why it can't be had here. */
export type KubectlVersion = { readonly version: string; readonly path: string } | { readonly version: string; readonly missing: string }

const cloudSdk = '/usr/lib/google-cloud-sdk/bin'
const cache = join(import.meta.dirname, '../../.cache/test-clients')

/** Debian's (1.20, which speaks SPDY alone), and those of later years that lie on the machine. */
export function kubectlVersions(): readonly KubectlVersion[] {
  const installed = ['1.28', '1.29', '1.31', '1.32', '1.33'].map(version => {
    const path = join(cloudSdk, `kubectl.${version}`)
    return existsSync(path) ? { version, path } : { version, missing: `there is no ${path}` }
  })
  return [debianKubectl(), ...installed]
}

/** Taken out of Debian's package, which is not installed. */
function debianKubectl(): KubectlVersion {
  const version = '1.20'
  const path = join(cache, 'kubernetes-client/usr/bin/kubectl')
  try {
    if (!existsSync(path)) unpackPackage()
  } catch (error) {
    return { version, missing: `Debian's package kubernetes-client could not be fetched: ${(error as Error).message.split('\n')[0]}` }
  }
  const found = execFileSync(path, ['version', '--client'], { encoding: 'utf8' })
  return found.includes('v1.20.')
    ? { version, path }
    : { version, missing: `Debian's package kubernetes-client is another version: ${found}` }
}

function unpackPackage(): void {
  mkdirSync(cache, { recursive: true })
  const isArchive = (file: string) => file.startsWith('kubernetes-client_') && file.endsWith('.deb')
  const download = () => execFileSync('apt-get', ['download', 'kubernetes-client'], { cwd: cache, stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    download()
  } catch {
    // The lists may never have been fetched on a fresh machine.
    execFileSync('apt-get', ['update'], { stdio: ['ignore', 'ignore', 'pipe'] })
    download()
  }
  const archive = readdirSync(cache).find(isArchive)
  if (!archive) throw new Error('apt-get downloaded no archive')
  execFileSync('dpkg-deb', ['-x', join(cache, archive), join(cache, 'kubernetes-client')])
}
