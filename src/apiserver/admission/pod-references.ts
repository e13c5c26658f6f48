import type { Pod } from '../../apis/core/pod.ts'
import { referencesOf } from '../authorization/node-graph.ts'

/** Set by kubelets on pods that stand for files on their node. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror'
export const isMirrorPod = (pod: Pod): boolean => pod.metadata.annotations?.[mirrorAnnotation] !== undefined

export const namesOfSecrets = (pod: Pod): string[] => namesOf(pod, 'secrets')
export const namesOfConfigMaps = (pod: Pod): string[] => namesOf(pod, 'configmaps')

/** References are `resource/namespace/name`. */
const namesOf = (pod: Pod, resource: string): string[] =>
  [...referencesOf(pod)].filter(key => key.startsWith(`${resource}/`)).map(key => key.slice(key.lastIndexOf('/') + 1))
