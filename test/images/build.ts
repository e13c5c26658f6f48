import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type ImageSettings, writeOciArchive } from './oci-archive.ts'

/**
 * The images that the whole-cluster tests run, under the names that manifests use, built from Debian's packages
 * and the Node that the tests run on. Each becomes an OCI archive in `.cache/test-images`, made once.
 */
interface TestImage {
  readonly names: readonly string[]
  readonly packages: readonly string[]
  readonly settings: ImageSettings
  readonly fill?: (rootDirectory: string) => void
}

const library = (name: string) => `docker.io/library/${name}`
const baseLibraries = ['libc6', 'libgcc-s1', 'libcrypt1']
const programLibraries = [...baseLibraries, 'libstdc++6']

const images: Readonly<Record<string, TestImage>> = {
  busybox: {
    names: [library('busybox:1.35'), library('busybox:1.36'), library('busybox:latest')],
    packages: ['busybox-static'],
    settings: { Cmd: ['sh'] },
  },
  nginx: {
    names: [library('nginx:1.22'), library('nginx:1.23'), library('nginx:latest')],
    packages: [...baseLibraries, 'nginx', 'nginx-common', 'libpcre2-8-0', 'libssl3', 'zlib1g', 'busybox-static'],
    settings: { Cmd: ['nginx', '-g', 'daemon off;'], StopSignal: 'SIGQUIT' },
    fill: fillNginx,
  },
  redis: {
    names: [library('redis:7.0')],
    packages: [
      ...programLibraries,
      ...[
        'redis-server',
        'redis-tools',
        'libatomic1',
        'libhiredis0.14',
        'libjemalloc2',
        'liblua5.1-0',
        'liblzf1',
        'lua-bitop',
        'lua-cjson',
      ],
      ...['libsystemd0', 'libcap2', 'libgcrypt20', 'libgpg-error0', 'liblz4-1', 'liblzma5', 'libzstd1', 'libssl3', 'busybox-static'],
    ],
    settings: { Cmd: ['redis-server', '--protected-mode', 'no'], WorkingDir: '/data' },
    fill: rootDirectory => mkdirSync(join(rootDirectory, 'data'), { recursive: true }),
  },
  node: {
    names: [library('node:24-slim')],
    packages: [...programLibraries, 'libatomic1', 'busybox-static', 'tar', 'libacl1', 'libselinux1', 'libpcre2-8-0'],
    settings: { Cmd: ['node'] },
    fill: fillNode,
  },
}

export type TestImageName = 'busybox' | 'nginx' | 'redis' | 'node'

const cache = join(import.meta.dirname, '../../.cache/test-images')

/** The path of the image's archive, built on first use. */
export async function testImageArchive(name: TestImageName): Promise<string> {
  const image = images[name] as TestImage
  const key = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .update(JSON.stringify(image))
    .update(process.version)
    .digest('hex')
    .slice(0, 12)
  const path = join(cache, `${name}-${key}.tar`)
  if (existsSync(path)) return path
  const rootDirectory = join(cache, `root-${name}`)
  rmSync(rootDirectory, { recursive: true, force: true })
  makeSkeleton(rootDirectory)
  for (const archive of downloadPackages(image.packages)) execFileSync('dpkg-deb', ['-x', archive, rootDirectory])
  for (const unused of ['doc', 'man', 'lintian', 'bug', 'locale'])
    rmSync(join(rootDirectory, 'usr/share', unused), { recursive: true, force: true })
  linkBusybox(rootDirectory)
  image.fill?.(rootDirectory)
  await writeOciArchive(`${path}.new`, image.names, rootDirectory, image.settings)
  renameSync(`${path}.new`, path)
  rmSync(rootDirectory, { recursive: true, force: true })
  return path
}

/** Debian's archives of these packages, downloaded once; the package manager's own sources are used. */
function downloadPackages(packages: readonly string[]): string[] {
  const directory = join(cache, 'packages')
  mkdirSync(directory, { recursive: true })
  const find = (name: string) => readdirSync(directory).find(file => file.startsWith(`${name}_`) && file.endsWith('.deb'))
  const missing = packages.filter(name => find(name) === undefined)
  if (missing.length) {
    const download = () => execFileSync('apt-get', ['download', ...missing], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })
    try {
      download()
    } catch {
      // The lists may never have been fetched on a fresh machine.
      execFileSync('apt-get', ['update'], { stdio: ['ignore', 'ignore', 'pipe'] })
      download()
    }
  }
  return packages.map(name => join(directory, find(name) ?? name))
}

function makeSkeleton(rootDirectory: string): void {
  for (const directory of ['etc', 'tmp', 'proc', 'sys', 'dev', 'run', 'root', 'var', 'usr/bin', 'usr/lib', 'usr/sbin', 'usr/local/bin'])
    mkdirSync(join(rootDirectory, directory), { recursive: true })
  // Debian's merged /usr, so that packages which still ship files under /bin and /lib land in the same place.
  for (const directory of ['bin', 'sbin', 'lib']) symlinkSync(`usr/${directory}`, join(rootDirectory, directory))
  mkdirSync(join(rootDirectory, 'usr/lib64'))
  symlinkSync('usr/lib64', join(rootDirectory, 'lib64'))
  symlinkSync('../run', join(rootDirectory, 'var/run'))
  chmodSync(join(rootDirectory, 'tmp'), 0o1777)
  const users = [
    'root:x:0:0:root:/root:/bin/sh',
    'www-data:x:33:33:www-data:/var/www:/bin/false',
    'nobody:x:65534:65534:nobody:/:/bin/false',
  ]
  writeFileSync(join(rootDirectory, 'etc/passwd'), `${users.join('\n')}\n`)
  writeFileSync(join(rootDirectory, 'etc/group'), 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n')
  writeFileSync(join(rootDirectory, 'etc/nsswitch.conf'), 'hosts: files dns\n')
}

function linkBusybox(rootDirectory: string): void {
  const busybox = join(rootDirectory, 'bin/busybox')
  if (!existsSync(busybox)) return
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean)) {
    const link = join(rootDirectory, 'bin', applet)
    if (applet !== 'busybox' && !existsSync(link)) symlinkSync('busybox', link)
  }
}

function fillNginx(rootDirectory: string): void {
  for (const directory of ['var/lib/nginx', 'var/log/nginx', 'usr/share/nginx/html', 'etc/nginx/conf.d'])
    mkdirSync(join(rootDirectory, directory), { recursive: true })
  symlinkSync('/dev/stdout', join(rootDirectory, 'var/log/nginx/access.log'))
  symlinkSync('/dev/stderr', join(rootDirectory, 'var/log/nginx/error.log'))
  writeFileSync(join(rootDirectory, 'usr/share/nginx/html/index.html'), '<h1>Welcome to nginx!</h1>\n')
  writeFileSync(join(rootDirectory, 'etc/nginx/conf.d/default.conf'), 'server { listen 80; location / { root /usr/share/nginx/html; } }\n')
  // The layout that official images have: one worker, and every server in conf.d.
  const settings = 'user www-data;\nworker_processes 1;\nerror_log /dev/stderr;\npid /run/nginx.pid;\nevents {}\n'
  const http = 'http { include /etc/nginx/mime.types; access_log /dev/stdout; include /etc/nginx/conf.d/*.conf; }\n'
  writeFileSync(join(rootDirectory, 'etc/nginx/nginx.conf'), settings + http)
}

function fillNode(rootDirectory: string): void {
  const target = join(rootDirectory, 'usr/local/bin/node')
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(process.execPath, target)
  chmodSync(target, 0o755)
}
