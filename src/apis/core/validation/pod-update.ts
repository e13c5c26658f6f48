import { type FieldError, forbiddenField, invalidField, requiredField } from '../../../apimachinery/field-error.ts'
import type { Container } from '../container.ts'
import type { Pod } from '../pod.ts'
import type { PodSpec } from '../pod-spec.ts'
import type { Toleration } from '../scheduling-terms.ts'
import { semanticEqual, without } from '../sharing.ts'
import { describeDifference } from './difference.ts'
import { changeNodeSelection } from './gated-pod-update.ts'
import { validatePodAnnotationsUpdate } from './pod-annotations.ts'
import { each, maximumInt32 } from './rules.ts'

const updatableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** A pod stays what it is, but for its images and a few fields that say how long and where. Beside what holds for any pod. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = validatePodAnnotationsUpdate(pod.metadata.annotations, old.metadata.annotations, 'metadata.annotations')
  const [spec, before] = [pod.spec ?? noSpec, old.spec ?? noSpec]
  for (const field of ['containers', 'initContainers'] as const) {
    const [now, then] = [spec[field] ?? [], before[field] ?? []]
    if (now.length !== then.length) return [...errors, forbiddenField(`spec.${field}`, 'pod updates may not add or remove containers')]
    errors.push(...validateImages(now, `spec.${field}`))
  }
  const deadline = validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds)
  if (deadline?.isFinal) return [...errors, deadline.error]
  if (deadline) errors.push(deadline.error)
  errors.push(...validateTolerationAdditions(spec.tolerations ?? [], before.tolerations ?? []))
  errors.push(...validateGateRemovals(spec, before))
  if (semanticEqual(spec, before)) return errors
  return [...errors, ...validateRest(spec, before)]
}

const noSpec: PodSpec = { containers: [] }

const validateImages = (containers: readonly Container[], path: string): FieldError[] =>
  each(containers, path, ({ image = '' }, at) => {
    if (image === '') return [requiredField(`${at}.image`)]
    return image.trim() === image ? [] : [invalidField(`${at}.image`, image, 'must not have leading or trailing whitespace')]
  })

/** A deadline may be set, and brought forward. After an impossible one nothing else is looked at, as upstream. */
function validateDeadline(now: number | undefined, before: number | undefined): { error: FieldError; isFinal: boolean } | undefined {
  const path = 'spec.activeDeadlineSeconds'
  if (now === undefined) {
    if (before === undefined) return undefined
    return { error: invalidField(path, null, 'must not update from a positive integer to nil value'), isFinal: false }
  }
  if (now < 0 || now > maximumInt32) {
    return { error: invalidField(path, now, `must be between 0 and ${maximumInt32}, inclusive`), isFinal: true }
  }
  if (before === undefined || now <= before) return undefined
  return { error: invalidField(path, now, 'must be less than or equal to previous value'), isFinal: true }
}

/** Tolerations stay, except for how long they last; new ones may come. */
function validateTolerationAdditions(now: readonly Toleration[], before: readonly Toleration[]): FieldError[] {
  const lasting = (toleration: Toleration) => without(toleration, 'tolerationSeconds')
  const kept = before.every(old => now.some(one => semanticEqual(lasting(one), lasting(old))))
  return kept ? [] : [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}

function validateGateRemovals(spec: PodSpec, before: PodSpec): FieldError[] {
  const known = new Set((before.schedulingGates ?? []).map(gate => gate.name))
  return each(spec.schedulingGates, 'spec.schedulingGates', ({ name }, at) =>
    known.has(name) ? [] : [forbiddenField(`${at}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  )
}

/** Puts the old values of what may change (or was judged above) into the new spec; nothing else may differ then. */
function validateRest(spec: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  const { activeDeadlineSeconds, schedulingGates, tolerations, terminationGracePeriodSeconds } = before
  let rest: PodSpec = {
    ...spec,
    containers: withImagesOf(before.containers ?? [], spec.containers ?? []),
    ...(spec.initContainers && { initContainers: withImagesOf(before.initContainers ?? [], spec.initContainers) }),
    activeDeadlineSeconds,
    schedulingGates,
    tolerations,
  }
  if ((terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    rest = { ...rest, terminationGracePeriodSeconds }
  }
  if (schedulingGates?.length) {
    const gated = changeNodeSelection(rest, before)
    errors.push(...gated.errors)
    rest = gated.rest
  }
  if (semanticEqual(rest, before)) return errors
  const difference = describeDifference(before, rest, 'spec')
  return [...errors, forbiddenField('spec', `pod updates may not change fields other than ${updatableFields}\n${difference}`)]
}

const withImagesOf = (before: readonly Container[], now: readonly Container[]): Container[] =>
  now.map((container, index) => ({ ...container, image: before[index]?.image }))
