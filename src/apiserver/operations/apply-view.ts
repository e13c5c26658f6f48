import { badRequest, invalid } from '../../apimachinery/api-errors.ts'
import { ownersAfterView, ownersOfView, serverSideApply, type ViewField } from '../../apimachinery/apply/index.ts'
import { requiredField } from '../../apimachinery/field-error.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { formatTime } from '../../base/clock.ts'
import { withManagedFields, withoutManagedFields } from '../registry/managed-fields.ts'
import type { CurrentObject, ProposedObject, Registry, WriteRequest } from '../registry/registry.ts'
import { type DecodeTarget, decodeValue, decodeWithoutDefaults } from '../request/body.ts'
import type { Operation } from './operation.ts'
import { requiredBody } from './request-parts.ts'

export interface ApplyToView {
  readonly registry: Registry
  readonly operation: Operation
  readonly request: WriteRequest
  readonly target: DecodeTarget
  readonly field: ViewField
  readonly show: (object: KubernetesObject) => KubernetesObject
  readonly write: (current: CurrentObject, view: KubernetesObject) => KubernetesObject
}

/** Server-side apply of a view: whoever applies a Scale owns the replicas of the object, and nothing else. */
export async function applyToView(asked: ApplyToView): Promise<(current: CurrentObject) => ProposedObject> {
  const { registry, operation, request, target, field, show, write } = asked
  if (!operation.options.fieldManager) {
    throw invalid('meta.k8s.io', 'PatchOptions', '', [requiredField('fieldManager', 'is required for apply patch')])
  }
  const body = await requiredBody(operation)
  const applied = named(decodeWithoutDefaults(body.value, target, body.duplicates), operation)
  return current => {
    const shown = show(current.object)
    const { object, managedFields } = serverSideApply({
      schema: target.schema,
      live: withManagedFields(shown, ownersOfView(current.managedFields, field, target.apiVersion)),
      applied,
      manager: request.fieldManager,
      apiVersion: target.apiVersion,
      subresource: request.subresource,
      force: operation.options.force === true,
      time: formatTime(registry.clock.now()),
      ignoredPaths: [['status']],
      isPart: true,
    })
    // Who lets go of the field leaves its value to whoever comes next.
    const view = valueAt(object, field.view) === undefined ? shown : decodeValue(withoutManagedFields(object), target)
    return {
      object: write(current, view),
      managedFields: ownersAfterView(current.managedFields, managedFields, field, operation.resource.apiVersion),
    }
  }
}

function named(applied: KubernetesObject, { name, namespace }: Operation): KubernetesObject {
  const { metadata = {} } = applied
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  }
  return { ...applied, metadata: { ...metadata, name, namespace } }
}

const valueAt = (object: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], object)
