import { internalError } from '../../apimachinery/api-errors.ts'
import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { simplePathOf } from '../../apimachinery/json-schema/json-path.ts'
import { isJsonObject, type JsonObject, memberOf, setMember } from '../../apimachinery/json-value.ts'
import type { Subresource } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { type CustomResourceSubresourceScale, Scale } from '../../apis/index.ts'

/** The scale of a custom resource: its numbers lie where the definition says. */
export function scaleOf(definition: CustomResourceSubresourceScale): Subresource {
  const specReplicas = simplePathOf(definition.specReplicasPath) ?? []
  const statusReplicas = simplePathOf(definition.statusReplicasPath) ?? []
  const labelSelector = definition.labelSelectorPath ? (simplePathOf(definition.labelSelectorPath) ?? []) : undefined
  return {
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    verbs: ['get', 'patch', 'update'],
    schema: Scale,
    action: {
      type: 'view',
      read(object: KubernetesObject): Scale {
        const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
        const replicas = at(object, specReplicas)
        if (typeof replicas !== 'number')
          throw internalError(`the spec replicas field ${JSON.stringify(definition.specReplicasPath)} does not exist`)
        const selector = labelSelector && at(object, labelSelector)
        return {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
          spec: { replicas },
          status: { replicas: numberAt(object, statusReplicas), ...(typeof selector === 'string' && selector && { selector }) },
        }
      },
      write: (object: KubernetesObject, scale: Scale) =>
        withMember(object, specReplicas, scale.spec?.replicas ?? 0) as unknown as KubernetesObject,
      validate: validateScale,
      owned: { view: ['spec', 'replicas'], object: specReplicas },
    },
  }
}

function validateScale({ spec }: Scale): FieldError[] {
  const replicas = spec?.replicas ?? 0
  return replicas < 0 ? [invalidField('spec.replicas', replicas, 'must be greater than or equal to 0')] : []
}

const at = (object: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (isJsonObject(value) ? memberOf(value, name) : undefined), object)

function numberAt(object: unknown, path: readonly string[]): number {
  const value = at(object, path)
  return typeof value === 'number' ? value : 0
}

/** A copy along the path; objects that are not there yet come into being. */
function withMember(value: unknown, path: readonly string[], member: unknown): JsonObject {
  const [name = '', ...rest] = path
  const result: Record<string, unknown> = isJsonObject(value) ? { ...value } : {}
  setMember(result, name, rest.length === 0 ? member : withMember(result[name], rest, member))
  return result
}
