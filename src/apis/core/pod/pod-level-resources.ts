import type { PodSpec } from '../pod-spec.ts'

/** Resources that may be asked for on the pod as a whole. */
export const isPodLevelResource = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

export function hasPodLevelResources(spec: PodSpec): boolean {
  const { requests, limits } = spec.resources ?? {}
  return Object.keys(requests ?? {}).some(isPodLevelResource) || Object.keys(limits ?? {}).some(isPodLevelResource)
}
