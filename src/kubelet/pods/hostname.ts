import type { Pod } from '../../apis/core/pod.ts'

const maximumLength = 63

export interface HostNames {
  /** What the pod's kernel is told. */
  readonly hostname: string
  /** Where the pod names a subdomain: its name in the cluster's DNS. */
  readonly qualified: string | undefined
}

export function podHostNames(pod: Pod, nodeName: string, clusterDomain: string): HostNames {
  const { spec, metadata } = pod
  if (spec?.hostnameOverride !== undefined) return { hostname: spec.hostnameOverride, qualified: undefined }
  if (spec?.hostNetwork) return { hostname: nodeName, qualified: undefined }
  // A name that is cut must not end in what a host name may not end in.
  const short = spec?.hostname ?? (metadata.name ?? '').slice(0, maximumLength).replace(/[-.]+$/, '')
  const qualified = spec?.subdomain ? `${short}.${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : undefined
  if (!spec?.setHostnameAsFQDN || qualified === undefined) return { hostname: short, qualified }
  if (qualified.length > 64) throw new Error(`the pod's FQDN ${qualified} is too long: a host name has at most 64 characters`)
  return { hostname: qualified, qualified }
}
