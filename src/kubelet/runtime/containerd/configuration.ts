export interface ContainerdConfiguration {
  /** containerd's version: its configuration has another shape from 2.0 on. */
  readonly version: string
  /** Images and snapshots; on disk. */
  readonly rootDirectory: string
  /** Tasks, mounts and network namespaces; lost with a reboot, fastest on a tmpfs. */
  readonly stateDirectory: string
  readonly socket: string
  readonly ociRuntime: { readonly name: 'crun' | 'runc'; readonly path: string; readonly stateDirectory: string }
  readonly pauseImage: string
  readonly cni: { readonly binaryDirectory: string; readonly configurationDirectory: string }
  /** Holds a folder for each registry with its hosts.toml, or `_default`. */
  readonly registryDirectory: string
  /** Without CAP_SYS_RESOURCE an OOM score can't be lowered, and every sandbox asks for it. */
  readonly restrictOomScoreAdjust: boolean
  readonly appArmor: boolean
}

/** The text of a containerd instance's config.toml. Nothing of it points at the machine's own containerd. */
export function containerdConfiguration(configuration: ContainerdConfiguration): string {
  const lines = Number.parseInt(configuration.version, 10) >= 2 ? version3(configuration) : version2(configuration)
  return `${lines.join('\n')}\n`
}

const unusedPlugins = [
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.differ.v1.erofs',
  'io.containerd.nri.v1.nri',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
]

/** containerd 1.6 and 1.7. */
function version2(configuration: ContainerdConfiguration): readonly string[] {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  return [
    ...common(2, configuration),
    `[${cri}]`,
    setting('sandbox_image', configuration.pauseImage),
    ...streamServer,
    ...processSettings(configuration),
    setting('netns_mounts_under_state_dir', true),
    `[${cri}.cni]`,
    setting('bin_dir', configuration.cni.binaryDirectory),
    setting('conf_dir', configuration.cni.configurationDirectory),
    ...runtimes(cri, configuration, [setting('snapshotter', 'overlayfs')]),
    `[${cri}.registry]`,
    setting('config_path', configuration.registryDirectory),
  ]
}

/** containerd 2: the CRI plugin is split into images, runtime and the server. */
function version3(configuration: ContainerdConfiguration): readonly string[] {
  const images = 'plugins."io.containerd.cri.v1.images"'
  const runtime = 'plugins."io.containerd.cri.v1.runtime"'
  return [
    ...common(3, configuration),
    `[${images}]`,
    setting('snapshotter', 'overlayfs'),
    setting('use_local_image_pull', true),
    `[${images}.pinned_images]`,
    setting('sandbox', configuration.pauseImage),
    `[${images}.registry]`,
    setting('config_path', configuration.registryDirectory),
    `[${runtime}]`,
    ...processSettings(configuration),
    setting('netns_mounts_under_state_dir', true),
    setting('enable_cdi', false),
    `[${runtime}.cni]`,
    `bin_dirs = [${JSON.stringify(configuration.cni.binaryDirectory)}]`,
    setting('conf_dir', configuration.cni.configurationDirectory),
    setting('use_internal_loopback', true),
    ...runtimes(runtime, configuration, []),
    '[plugins."io.containerd.grpc.v1.cri"]',
    ...streamServer,
  ]
}

const common = (version: number, { rootDirectory, stateDirectory, socket }: ContainerdConfiguration): readonly string[] => [
  `version = ${version}`,
  setting('root', rootDirectory),
  setting('state', stateDirectory),
  setting('oom_score', 0),
  `disabled_plugins = [${unusedPlugins.map(plugin => JSON.stringify(plugin)).join(', ')}]`,
  '[grpc]',
  setting('address', socket),
  '[ttrpc]',
  setting('address', `${socket}.ttrpc`),
  '[debug]',
  setting('level', 'warn'),
  // Its default is a folder of the machine's.
  '[plugins."io.containerd.internal.v1.opt"]',
  setting('path', `${rootDirectory}/opt`),
]

const streamServer = [setting('stream_server_address', '127.0.0.1'), setting('stream_server_port', '0')]

const processSettings = ({ restrictOomScoreAdjust, appArmor }: ContainerdConfiguration): readonly string[] => [
  setting('restrict_oom_score_adj', restrictOomScoreAdjust),
  setting('disable_apparmor', !appArmor),
  setting('enable_selinux', false),
  // containerd 2's default, and what images are tried with elsewhere: low ports and ping without root.
  setting('enable_unprivileged_ports', true),
  setting('enable_unprivileged_icmp', true),
]

function runtimes(plugin: string, { ociRuntime }: ContainerdConfiguration, extra: readonly string[]): readonly string[] {
  const table = `${plugin}.containerd.runtimes.${ociRuntime.name}`
  return [
    `[${plugin}.containerd]`,
    ...extra,
    setting('default_runtime_name', ociRuntime.name),
    `[${table}]`,
    setting('runtime_type', 'io.containerd.runc.v2'),
    `[${table}.options]`,
    setting('BinaryName', ociRuntime.path),
    setting('Root', ociRuntime.stateDirectory),
    setting('SystemdCgroup', false),
  ]
}

/** TOML's basic strings, numbers and booleans are written like JSON's. */
function setting(name: string, value: string | number | boolean): string {
  return `${name} = ${JSON.stringify(value)}`
}
