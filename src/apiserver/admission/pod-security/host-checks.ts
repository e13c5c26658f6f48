import type { Volume } from '../../../apis/core/volume.ts'
import { type Check, containersNamed, containersOf, plural, quoted, setters, sorted } from './containers.ts'

/** Rules about what of the node a pod reaches. */

export const hostNamespaces: Check = ({ spec }) => {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter(field => spec[field])
  if (used.length === 0) return undefined
  return { reason: 'host namespaces', detail: used.map(field => `${field}=true`).join(', ') }
}

export const hostPathVolumes: Check = ({ spec }) => {
  const names = (spec.volumes ?? []).filter(volume => volume.hostPath).map(({ name }) => name)
  if (names.length === 0) return undefined
  return { reason: 'hostPath volumes', detail: `${plural('volume', names.length)} ${quoted(names)}` }
}

export const hostPorts: Check = pod => {
  const ports = (container: ReturnType<typeof containersOf>[number]) => (container.ports ?? []).flatMap(({ hostPort }) => hostPort || [])
  const users = containersOf(pod).filter(container => ports(container).length > 0)
  if (users.length === 0) return undefined
  const numbers = sorted(users.flatMap(ports).map(String))
  const uses = users.length === 1 ? 'uses' : 'use'
  return {
    reason: 'hostPort',
    detail: `${containersNamed(users.map(({ name }) => name))} ${uses} ${plural('hostPort', numbers.length)} ${numbers.join(', ')}`,
  }
}

interface WithHosts {
  readonly httpGet?: { readonly host?: string }
  readonly tcpSocket?: { readonly host?: string }
}

export const hostsOfProbes: Check = pod => {
  const hosts = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: ReturnType<typeof containersOf>[number]) => {
    const handlers: readonly (WithHosts | undefined)[] = [
      livenessProbe,
      readinessProbe,
      startupProbe,
      lifecycle?.postStart,
      lifecycle?.preStop,
    ]
    return handlers.flatMap(one => [one?.httpGet?.host, one?.tcpSocket?.host]).flatMap(host => host || [])
  }
  const users = containersOf(pod).filter(container => hosts(container).length > 0)
  if (users.length === 0) return undefined
  const all = sorted(users.flatMap(hosts))
  const uses = users.length === 1 ? 'uses' : 'use'
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersNamed(sorted(users.map(({ name }) => name)))} ${uses} ${plural('probe or lifecycle host', all.length)} ${quoted(all)}`,
  }
}

const coreVolumes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret', 'image']

export const restrictedVolumes: Check = ({ spec }) => {
  const typeOf = (volume: Volume) =>
    Object.keys(volume).find(field => field !== 'name' && volume[field as keyof Volume] !== undefined) ?? ''
  const restricted = (spec.volumes ?? []).filter(volume => !coreVolumes.includes(typeOf(volume)))
  if (restricted.length === 0) return undefined
  const types = sorted(restricted.map(volume => typeOf(volume) || 'unknown'))
  const names = restricted.map(({ name }) => name)
  const uses = names.length === 1 ? 'uses' : 'use'
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', names.length)} ${quoted(names)} ${uses} ${plural('restricted volume type', types.length)} ${quoted(types)}`,
  }
}

const safeSysctls: readonly (readonly [since: number, ...names: string[]])[] = [
  [
    0,
    'kernel.shm_rmid_forced',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.tcp_syncookies',
    'net.ipv4.ping_group_range',
    'net.ipv4.ip_unprivileged_port_start',
  ],
  [27, 'net.ipv4.ip_local_reserved_ports'],
  [29, 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'],
  [32, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
]

/** Kernel parameters that are safe by the rules of this version. */
export const sysctlsOf = (version: number): Check => {
  const safe = new Set(safeSysctls.flatMap(([since, ...names]) => (since <= version ? names : [])))
  return ({ spec }) => {
    const forbidden = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter(name => !safe.has(name))
    return forbidden.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: forbidden.join(', ') }
  }
}

export const windowsHostProcess: Check = pod => {
  const who = setters(
    pod,
    pod.spec.securityContext?.windowsOptions?.hostProcess === true,
    ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true,
  )
  return who ? { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` } : undefined
}
