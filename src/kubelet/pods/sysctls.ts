import type { Pod } from '../../apis/core/pod.ts'

/** Those that can't disturb other pods, so that no administrator has to allow them. */
const safe = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
])

/** Why the pod's kernel parameters can't be set: they are not safe, or would be the machine's own. */
export function forbiddenSysctl(pod: Pod): string | undefined {
  const { securityContext, hostNetwork, hostIPC } = pod.spec ?? {}
  for (const { name } of securityContext?.sysctls ?? []) {
    // A slash may stand for a dot, as in sysctl(8).
    const dotted = name.includes('/') ? name.replaceAll(/[./]/g, mark => (mark === '/' ? '.' : '/')) : name
    if (!safe.has(dotted)) return `forbidden sysctl: ${JSON.stringify(name)} not allowlisted`
    if (hostNetwork && dotted.startsWith('net.')) return `forbidden sysctl: ${JSON.stringify(name)} not allowed with host net enabled`
    if (hostIPC && dotted.startsWith('kernel.')) return `forbidden sysctl: ${JSON.stringify(name)} not allowed with host ipc enabled`
  }
  return undefined
}
