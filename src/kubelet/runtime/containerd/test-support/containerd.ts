import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { silentLogger, sleep, systemClock } from '../../../../base/index.ts'
import type { ContainerConfig, ContainerRuntime, SandboxConfig } from '../../types.ts'
import {
  connectContainerd,
  containerdCleanupCommand,
  containerdCommand,
  containerdConfiguration,
  type ImageArchive,
  imageArchive,
  importImage,
  machineFacts,
  pauseImage,
  pauseImageArchive,
} from '../index.ts'

/** A containerd of the test's own: its folders, socket, mounts, network range and cgroups; removed without a trace. */
export interface TestContainerd {
  readonly directory: string
  readonly socket: string
  readonly cgroupRoot: string
  readonly runtime: ContainerRuntime
  readonly process: () => ChildProcess
  /** SIGKILL, and the same command again. */
  restart(): Promise<void>
  import(archive: Uint8Array): Promise<void>
  stop(): Promise<void>
}

const clock = systemClock()
export const busyboxImage = 'proa.test/busybox:1'
/** Test runs beside one another must not route each other's addresses. */
export const testSubnet = `10.231.${process.pid % 256}.0/24`

/** Why these tests can't run here; undefined where they can. */
export function missingForContainerd(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  for (const file of ['/usr/bin/containerd', '/usr/bin/ctr', '/bin/busybox', '/usr/lib/cni/ptp'])
    if (!existsSync(file)) return `needs ${file}`
  return ociRuntime() ? undefined : 'needs crun or runc'
}

function ociRuntime(): { name: 'crun' | 'runc'; path: string } | undefined {
  for (const name of ['crun', 'runc'] as const)
    for (const folder of ['/usr/bin', '/usr/sbin']) if (isExecutable(`${folder}/${name}`)) return { name, path: `${folder}/${name}` }
  return undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export async function startTestContainerd(): Promise<TestContainerd> {
  const directory = mkdtempSync(path.join(tmpdir(), 'proa-containerd-'))
  const id = path.basename(directory).slice('proa-containerd-'.length)
  const run = path.join(directory, 'run')
  const pods = path.join(directory, 'pods')
  const socket = path.join(run, 'containerd.sock')
  const cgroupRoot = `/proa-test-${id}`
  const runtimeBinary = ociRuntime()
  if (!runtimeBinary) throw new Error('no OCI runtime')
  const mountedRuntime = { ...runtimeBinary, path: path.join(run, runtimeBinary.name) }
  writeConfiguration(directory, run, socket, mountedRuntime)

  const command = containerdCommand({
    containerd: '/usr/bin/containerd',
    configuration: path.join(directory, 'config.toml'),
    runDirectory: run,
    podsDirectory: pods,
    ociRuntime: { program: runtimeBinary.path, path: mountedRuntime.path },
  })
  let child = launch(command)
  const runtime = connectContainerd({ socket, clock, logger: silentLogger })
  await answering(runtime)
  let archives = 0
  const self: TestContainerd = {
    directory,
    socket,
    cgroupRoot,
    runtime,
    process: () => child,
    async restart() {
      await ended(child, 'SIGKILL')
      child = launch(command)
      await answering(runtime)
    },
    async import(archive) {
      const file = path.join(directory, `image-${archives++}.tar`)
      writeFileSync(file, archive)
      await importImage({ ctr: '/usr/bin/ctr', socket, path: file })
    },
    async stop() {
      for (const sandbox of await runtime.listSandboxes()) {
        await runtime.stopSandbox(sandbox.id)
        await runtime.removeSandbox(sandbox.id)
      }
      await runtime.close()
      await ended(child, 'SIGTERM')
      const [shell, ...args] = containerdCleanupCommand({ runDirectory: run, podsDirectory: pods })
      execFileSync(shell as string, args)
      removeCgroups(cgroupRoot)
      rmSync(directory, { recursive: true })
    },
  }
  await self.import(await pauseImageArchive())
  await self.import(await busyboxArchive())
  await imagePresent(runtime, busyboxImage)
  return self
}

function writeConfiguration(directory: string, run: string, socket: string, runtime: { name: 'crun' | 'runc'; path: string }): void {
  for (const folder of ['cni', 'certs.d', 'root', 'logs']) mkdirSync(path.join(directory, folder))
  const version = /(\d+\.\d+\.\d+)/.exec(execFileSync('/usr/bin/containerd', ['--version'], { encoding: 'utf8' }))?.[1] ?? ''
  const facts = machineFacts()
  const configuration = containerdConfiguration({
    version,
    rootDirectory: path.join(directory, 'root'),
    stateDirectory: path.join(run, 'state'),
    socket,
    ociRuntime: { ...runtime, stateDirectory: path.join(run, 'oci') },
    pauseImage,
    cni: { binaryDirectory: '/usr/lib/cni', configurationDirectory: path.join(directory, 'cni') },
    registryDirectory: path.join(directory, 'certs.d'),
    restrictOomScoreAdjust: facts.restrictOomScoreAdjust,
    appArmor: facts.appArmor,
  })
  writeFileSync(path.join(directory, 'config.toml'), configuration)
  const network = {
    cniVersion: '1.0.0',
    name: path.basename(directory),
    plugins: [
      {
        type: 'ptp',
        ipam: {
          type: 'host-local',
          dataDir: path.join(directory, 'addresses'),
          ranges: [[{ subnet: testSubnet }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  }
  writeFileSync(path.join(directory, 'cni', '10-ptp.conflist'), JSON.stringify(network))
}

function launch(command: readonly string[]): ChildProcess {
  const [shell, ...args] = command
  return spawn(shell as string, args, { stdio: ['ignore', 'ignore', process.env.CONTAINERD_LOG ? 'inherit' : 'ignore'] })
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise(resolve => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

async function answering(runtime: ContainerRuntime): Promise<void> {
  await until('containerd to answer', async () => {
    try {
      return (await runtime.status()).runtimeReady
    } catch {
      return false
    }
  })
}

const imagePresent = (runtime: ContainerRuntime, image: string): Promise<void> =>
  until(`image ${image}`, async () => (await runtime.imageStatus(image)) !== undefined)

/** Waits for something that no event tells; the bound only ends a test that has failed. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 2000; attempt++) {
    if (await holds()) return
    await sleep(clock, 5)
  }
  throw new Error(`waited in vain for ${what}`)
}

function removeCgroups(root: string): void {
  const controllers = existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? ['/sys/fs/cgroup']
    : readdirSync('/sys/fs/cgroup').map(name => `/sys/fs/cgroup/${name}`)
  for (const controller of controllers) {
    const folder = controller + root
    if (existsSync(folder)) execFileSync('find', [folder, '-depth', '-type', 'd', '-delete'])
  }
}

export function busyboxArchive(reference = busyboxImage, config: ImageArchive['config'] = {}): Promise<Uint8Array> {
  const busybox = readFileSync('/bin/busybox')
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')
  const folder = (name: string, mode = 0o755) => ({ header: { name: `${name}/`, type: 'directory' as const, size: 0, mode } })
  const text = (name: string, content: string) => ({
    header: { name, size: content.length, type: 'file' as const, mode: 0o644 },
    body: content,
  })
  return imageArchive({
    reference,
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    files: [
      ...['bin', 'etc', 'proc', 'sys', 'dev', 'root'].map(name => folder(name)),
      folder('tmp', 0o1777),
      text('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nweb:x:101:102:web:/:/bin/sh\n'),
      // No two images share their layer: a pull would find it there already.
      text('etc/image', reference),
      text('etc/group', 'root:x:0:\nweb:x:102:\n'),
      { header: { name: 'bin/busybox', size: statSync('/bin/busybox').size, type: 'file', mode: 0o755 }, body: busybox },
      ...applets
        .filter(applet => applet !== 'busybox')
        .map(applet => ({ header: { name: `bin/${applet}`, type: 'symlink' as const, linkname: 'busybox', size: 0 } })),
    ],
    config: { Cmd: ['sh'], Env: ['PATH=/bin'], ...config },
  })
}

let pods = 0

export function sandboxConfig(containerd: TestContainerd, changes: Partial<SandboxConfig> = {}): SandboxConfig {
  const uid = `00000000-0000-4000-8000-${String(++pods).padStart(12, '0')}`
  const name = changes.name ?? `pod-${pods}`
  const logDirectory = path.join(containerd.directory, 'logs', uid)
  mkdirSync(logDirectory, { recursive: true })
  return {
    name,
    namespace: 'default',
    uid,
    attempt: 0,
    hostname: name,
    logDirectory,
    dns: { servers: ['10.43.0.10'], searches: ['default.svc.cluster.local'], options: ['ndots:5'] },
    labels: { 'io.kubernetes.pod.name': name, 'io.kubernetes.pod.namespace': 'default', 'io.kubernetes.pod.uid': uid },
    annotations: { 'example.com/note': 'kept' },
    cgroupParent: `${containerd.cgroupRoot}/kubepods/pod${uid}`,
    sysctls: {},
    namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
    security: { privileged: false, supplementalGroups: [] },
    ...changes,
  }
}

export function containerConfig(command: readonly string[], changes: Partial<ContainerConfig> = {}): ContainerConfig {
  const name = changes.name ?? 'main'
  return {
    name,
    attempt: 0,
    image: busyboxImage,
    userImage: busyboxImage,
    command,
    args: [],
    workingDirectory: '',
    environment: [],
    mounts: [],
    devices: [],
    labels: { 'io.kubernetes.container.name': name },
    annotations: { 'io.kubernetes.container.hash': 'abc' },
    logPath: `${name}/0.log`,
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: { cpuShares: 2, oomScoreAdjust: 1000 },
    security: {
      privileged: false,
      namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
      addCapabilities: [],
      dropCapabilities: [],
      supplementalGroups: [],
      readOnlyRootFilesystem: false,
      noNewPrivileges: false,
      maskedPaths: undefined,
      readOnlyPaths: undefined,
    },
    ...changes,
  }
}
