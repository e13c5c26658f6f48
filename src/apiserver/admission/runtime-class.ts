import type { Pod } from '../../apis/core/pod.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import type { Toleration } from '../../apis/core/scheduling-terms.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import type { RuntimeClass } from '../../apis/node/runtime-class.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { refuse } from './refuse.ts'
import { isPod, kindOf } from './requests.ts'

/** A pod that names a RuntimeClass gets what belongs to it: overhead, and where it can run. */
export const runtimeClass: AdmissionStep = {
  name: 'RuntimeClass',
  handles: request => request.operation === 'CREATE' && isPod(request),
  mutate(request) {
    const pod = request.object as Pod
    const found = classOf(request, pod)
    if (!found || !pod.spec) return pod
    return { ...pod, spec: withScheduling(request, withOverhead(request, pod.spec, found), found) }
  },
  validate(request) {
    const pod = request.object as Pod
    const { overhead } = pod.spec ?? {}
    const fixed = classOf(request, pod)?.overhead?.podFixed
    if (fixed !== undefined) {
      if (!semanticEqual(overhead ?? {}, fixed)) throw refuse(request, otherOverhead)
    } else if (overhead && Object.keys(overhead).length > 0) {
      throw refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
    }
  },
}

const otherOverhead = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"

function classOf(request: AdmissionRequest, { spec }: Pod): RuntimeClass | undefined {
  const name = spec?.runtimeClassName
  if (name === undefined) return undefined
  const { objects } = request
  const found = objects.get(kindOf(objects, 'node.k8s.io', 'runtimeclasses'), '', name) as RuntimeClass | undefined
  if (!found) throw refuse(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  return found
}

function withOverhead(request: AdmissionRequest, spec: PodSpec, { overhead }: RuntimeClass): PodSpec {
  if (!overhead) return spec
  if (spec.overhead !== undefined && !semanticEqual(spec.overhead, overhead.podFixed ?? {})) throw refuse(request, otherOverhead)
  return { ...spec, overhead: overhead.podFixed ?? {} }
}

function withScheduling(request: AdmissionRequest, spec: PodSpec, { scheduling }: RuntimeClass): PodSpec {
  if (!scheduling) return spec
  const { nodeSelector, tolerations } = scheduling
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key]
    if (own === undefined || own === value) continue
    const conflict = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`
    throw refuse(request, `conflict: ${conflict}`)
  }
  return {
    ...spec,
    ...(nodeSelector && { nodeSelector: { ...spec.nodeSelector, ...nodeSelector } }),
    ...(tolerations?.length && { tolerations: mergeTolerations(tolerations, spec.tolerations ?? []) }),
  }
}

/** All tolerations but those that another one covers; of equal ones the first stays. */
function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): readonly Toleration[] {
  const all = [...first, ...second]
  const merged: Toleration[] = []
  all.forEach((one, index) => {
    if (merged.some(other => covers(other, one))) return
    if (all.slice(index + 1).some(other => !semanticEqual(other, one) && covers(other, one))) return
    merged.push(one)
  })
  return merged
}

function covers(wide: Toleration, one: Toleration): boolean {
  if (semanticEqual(wide, one)) return true
  const { key = '', operator = '', effect = '', value = '', tolerationSeconds: seconds } = wide
  if ((one.key ?? '') !== key && (key !== '' || operator !== 'Exists')) return false
  if ((one.effect ?? '') !== effect && effect !== '') return false
  const endsEarlier = effect === 'NoExecute' && seconds !== undefined && (one.tolerationSeconds ?? Number.POSITIVE_INFINITY) > seconds
  if (endsEarlier) return false
  if (operator === 'Exists') return true
  return (operator === 'Equal' || operator === '') && (one.operator ?? '') === operator && (one.value ?? '') === value
}
