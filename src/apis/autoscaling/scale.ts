import type { FieldError } from '../../apimachinery/field-error.ts'
import { type Subresource, topLevel } from '../../apimachinery/kind.ts'
import type { KubernetesObject, LabelSelector } from '../../apimachinery/meta.ts'
import { type Infer, int32, object, optional, required, text } from '../../apimachinery/schema.ts'
import { labelSelectorMatcher } from '../../apimachinery/selectors.ts'
import { notNegative } from '../core/validation/rules.ts'
import { countGeneration, readAndWriteVerbs } from '../strategy.ts'

export const ScaleSpec = object('io.k8s.api.autoscaling.v1.ScaleSpec', 'The scale that is asked for.', {
  replicas: optional(1, int32, 'Number of replicas wanted.'),
})
export interface ScaleSpec extends Infer<typeof ScaleSpec> {}

export const ScaleStatus = object('io.k8s.api.autoscaling.v1.ScaleStatus', 'The scale that there is.', {
  replicas: required(1, int32, 'Number of replicas there are.'),
  selector: optional(2, text, "Labels of the pods that are counted, in kubectl's notation."),
})
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}

export const Scale = topLevel('io.k8s.api.autoscaling.v1.Scale', 'The number of replicas of an object, whatever its kind.', {
  spec: optional(2, ScaleSpec, 'The scale that is asked for.'),
  status: optional(3, ScaleStatus, 'The scale that there is.'),
})
export interface Scale extends Infer<typeof Scale> {}

interface ScaledObject extends KubernetesObject {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly replicas?: number }
}

/** The `scale` subresource of a workload: its number of replicas, seen and written as a Scale. */
export const scaleSubresourceOf = <T extends ScaledObject>(selectorOf: (object: T) => LabelSelector | undefined): Subresource => ({
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  verbs: readAndWriteVerbs,
  schema: Scale,
  action: {
    type: 'view',
    read: (object: T) => readScale(object, selectorOf(object)),
    write: writeScale,
    validate: validateScale,
    owned: { view: ['spec', 'replicas'], object: ['spec', 'replicas'] },
  },
})

export const scaleSubresource: Subresource = scaleSubresourceOf(
  (object: ScaledObject & { readonly spec?: { readonly selector?: LabelSelector } }) => object.spec?.selector,
)

export function readScale({ metadata, spec, status }: ScaledObject, selector: LabelSelector | undefined): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec?.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, selector: labelSelectorMatcher(selector).toString() },
  }
}

/** The resourceVersion of the scale is that of the object, so a stale scale conflicts. */
export function writeScale<T extends ScaledObject>(object: T, scale: Scale): T {
  const resourceVersion = scale.metadata.resourceVersion ?? object.metadata.resourceVersion
  const scaled = { ...object, spec: { ...object.spec, replicas: scale.spec?.replicas ?? 0 } }
  return countGeneration({ ...scaled, metadata: { ...object.metadata, resourceVersion } }, object)
}

function validateScale(scale: Scale): FieldError[] {
  return notNegative(scale.spec?.replicas, 'spec.replicas')
}
