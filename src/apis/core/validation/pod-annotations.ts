import { type FieldError, forbiddenField, invalidField } from '../../../apimachinery/field-error.ts'
import type { PodSpec } from '../pod-spec.ts'

export const mirrorPodAnnotation = 'kubernetes.io/config.mirror'
const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

type Annotations = Readonly<Record<string, string>> | undefined

/** Annotations of pods that mean something to the system. */
export function validatePodAnnotations(annotations: Annotations, spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const mirror = annotations?.[mirrorPodAnnotation]
  if (mirror !== undefined && !spec.nodeName) {
    errors.push(invalidField(`${path}[${mirrorPodAnnotation}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'))
  }
  const cost = annotations?.[deletionCostAnnotation]
  if (cost !== undefined && !isDeletionCost(cost)) {
    errors.push(invalidField(`${path}[${deletionCostAnnotation}]`, cost, 'must be a 32bit integer'))
  }
  return errors
}

/** A pod is a mirror of a static one from the start, or never. */
export function validatePodAnnotationsUpdate(annotations: Annotations, old: Annotations, path: string): FieldError[] {
  const [now, before] = [annotations?.[mirrorPodAnnotation], old?.[mirrorPodAnnotation]]
  if (now === before) return []
  const why = before === undefined ? 'may not add mirror pod annotation' : 'may not remove or update mirror pod annotation'
  return [forbiddenField(`${path}[${mirrorPodAnnotation}]`, why)]
}

// Without a plus or leading zeros, so that equal costs have one spelling.
const isDeletionCost = (text: string): boolean =>
  /^(0|-?[1-9][0-9]*)$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) <= 2 ** 31 - 1
