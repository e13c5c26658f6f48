import { type FieldError, forbiddenField } from '../../../apimachinery/field-error.ts'
import type { Pod } from '../pod.ts'
import type { PodSpec } from '../pod-spec.ts'
import { validatePodAnnotations } from './pod-annotations.ts'
import { validatePodSpec } from './pod-spec.ts'
import { each } from './rules.ts'

/** What holds for a pod at any time. Its object meta is the registry's to check. */
export function validatePod(pod: Pod): FieldError[] {
  const spec = pod.spec ?? noSpec
  const errors = [
    ...validatePodAnnotations(pod.metadata.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', { type: 'pod', name: pod.metadata.name ?? '' }),
    ...(spec.serviceAccountName ? [] : validateNoTokens(spec)),
  ]
  if (spec.ephemeralContainers?.length && isNew(pod)) errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'))
  if (spec.nodeName && spec.schedulingGates?.length) {
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  }
  return errors
}

// Ephemeral containers come through their subresource, which counts the generation up.
const isNew = (pod: Pod): boolean => (pod.metadata.generation ?? 0) <= 1

const noSpec: PodSpec = { containers: [] }

const validateNoTokens = (spec: PodSpec): FieldError[] =>
  each(spec.volumes, 'spec.volumes', (volume, at) =>
    each(volume.projected?.sources, `${at}.projected.sources`, (source, sourceAt) =>
      source.serviceAccountToken
        ? [forbiddenField(`${sourceAt}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set')]
        : [],
    ),
  )
