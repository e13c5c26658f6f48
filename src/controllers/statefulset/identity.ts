import type { Kind } from '../../apimachinery/kind.ts'
import { type StatefulSet, statefulSetKind } from '../../apis/apps/stateful-set.ts'
import type { PersistentVolumeClaim } from '../../apis/core/persistent-volume-claim.ts'
import type { Pod } from '../../apis/core/pod.ts'
import type { PodTemplateSpec } from '../../apis/core/pod-spec.ts'
import type { Volume } from '../../apis/core/volume.ts'
import { podFromTemplate } from '../pod-control.ts'

/** What makes a pod of a stateful set the one of its number: name, host name, labels and claims. Pure. */

export const setKind = statefulSetKind as unknown as Kind

export const revisionLabel = 'controller-revision-hash'
const nameLabel = 'statefulset.kubernetes.io/pod-name'
const indexLabel = 'apps.kubernetes.io/pod-index'

export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`

/** The number of a pod, or undefined where its name is not one that the set gives. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`
  const { name = '' } = pod.metadata
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^(0|[1-9]\d*)$/.test(digits) ? Number(digits) : undefined
}

export const revisionOfPod = (pod: Pod): string | undefined => pod.metadata.labels?.[revisionLabel]

export const firstOrdinal = ({ spec }: StatefulSet): number => spec?.ordinals?.start ?? 0

const identityLabels = (name: string, ordinal: number) => ({ [nameLabel]: name, [indexLabel]: String(ordinal) })

/** Labels that an adopted pod still lacks. */
export function missingLabels(set: StatefulSet, pod: Pod, ordinal: number): Readonly<Record<string, string>> | undefined {
  const labels = identityLabels(podName(set, ordinal), ordinal)
  return Object.entries(labels).every(([label, value]) => pod.metadata.labels?.[label] === value) ? undefined : labels
}

export function podOfOrdinal(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Pod {
  const name = podName(set, ordinal)
  const draft = podFromTemplate(template, set, setKind)
  const { generateName: _generateName, ...metadata } = draft.metadata
  const { serviceName } = set.spec ?? {}
  const spec = draft.spec && {
    ...draft.spec,
    hostname: name,
    ...(serviceName && { subdomain: serviceName }),
    ...withClaims(set, draft.spec.volumes, ordinal),
  }
  return {
    ...draft,
    metadata: { ...metadata, name, labels: { ...metadata.labels, ...identityLabels(name, ordinal), [revisionLabel]: revision } },
    ...(spec && { spec }),
  }
}

/** Claims come in place of volumes of the same names. */
function withClaims(set: StatefulSet, volumes: readonly Volume[] = [], ordinal: number): { readonly volumes?: readonly Volume[] } {
  const templates = set.spec?.volumeClaimTemplates ?? []
  if (templates.length === 0) return volumes.length > 0 ? { volumes } : {}
  const claims = templates.map(template => ({
    name: template.metadata.name ?? '',
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }))
  return { volumes: [...claims, ...volumes.filter(volume => !claims.some(({ name }) => name === volume.name))] }
}

export const claimName = (set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string =>
  `${template.metadata.name}-${podName(set, ordinal)}`

export const claimsOfOrdinal = (set: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] =>
  (set.spec?.volumeClaimTemplates ?? []).map(template => {
    const { labels, annotations } = template.metadata
    return {
      metadata: {
        name: claimName(set, template, ordinal),
        namespace: set.metadata.namespace,
        labels: { ...labels, ...set.spec?.selector?.matchLabels },
        ...(annotations && { annotations }),
      },
      spec: template.spec,
    }
  })
