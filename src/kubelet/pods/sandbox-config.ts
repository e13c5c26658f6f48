import { join } from 'node:path'
import type { Pod } from '../../apis/core/pod.ts'
import { podControlGroup } from '../resources/control-group-values.ts'
import { annotations, labels, type SandboxConfig } from '../runtime/types.ts'
import { podKey } from './containers.ts'
import { type DnsSettings, podDns } from './dns.ts'
import { podHostNames } from './hostname.ts'
import { podNamespaces, sandboxSecurity } from './security.ts'

export interface SandboxSettings {
  readonly nodeName: string
  readonly cgroupRoot: string
  readonly logDirectory: string
  readonly dns: DnsSettings
}

export function sandboxConfig(pod: Pod, attempt: number, settings: SandboxSettings): SandboxConfig {
  const { uid, name, namespace } = podKey(pod)
  return {
    name,
    namespace,
    uid,
    attempt,
    hostname: podHostNames(pod, settings.nodeName, settings.dns.clusterDomain).hostname,
    logDirectory: podLogDirectory(settings.logDirectory, pod),
    dns: podDns(pod, settings.dns),
    labels: { ...pod.metadata.labels, [labels.podName]: name, [labels.podNamespace]: namespace, [labels.podUid]: uid },
    annotations: { ...pod.metadata.annotations, [annotations.gracePeriod]: String(pod.spec?.terminationGracePeriodSeconds ?? 30) },
    cgroupParent: podControlGroup(settings.cgroupRoot, pod),
    sysctls: Object.fromEntries((pod.spec?.securityContext?.sysctls ?? []).map(sysctl => [sysctl.name, sysctl.value])),
    namespaces: podNamespaces(pod),
    security: sandboxSecurity(pod),
  }
}

export function podLogDirectory(logs: string, pod: Pod): string {
  const { uid, name, namespace } = podKey(pod)
  return join(logs, `${namespace}_${name}_${uid}`)
}
