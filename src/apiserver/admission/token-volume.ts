import type { Container } from '../../apis/core/container.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import type { Volume } from '../../apis/core/volume.ts'
import { type Random, randomSuffix } from '../../base/random.ts'

const volumePrefix = 'kube-api-access-'
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Gives the containers what a program needs to call the API: a token, the cluster's authority and the namespace. */
export function withTokenVolume(spec: PodSpec, random: Random): PodSpec {
  const existing = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix))
  const name = existing?.name ?? `${volumePrefix}${randomSuffix(random)}`
  // A container that mounts something else there keeps it.
  const isLacking = ({ volumeMounts = [] }: Container): boolean => !volumeMounts.some(mount => mount.mountPath === mountPath)
  const mounted = (container: Container): Container =>
    isLacking(container)
      ? { ...container, volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }] }
      : container
  const containers = spec.containers ?? []
  const initContainers = spec.initContainers ?? []
  if (!containers.some(isLacking) && !initContainers.some(isLacking)) return spec
  return {
    ...spec,
    ...(!existing && { volumes: [...(spec.volumes ?? []), tokenVolume(name)] }),
    containers: containers.map(mounted),
    ...(spec.initContainers && { initContainers: initContainers.map(mounted) }),
  }
}

/** The token lives an hour; the odd seconds mark it as one that was mounted by default. */
const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
  },
})
