import type { Kind } from '../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { type FieldRequirement, parseFieldSelector, parseLabelSelector } from '../../apimachinery/selectors.ts'
import type { Selection } from '../types.ts'

/** Whether an object is in a selection, decided here as the server would; undefined when everything is. */
export function selectionFilter<T extends KubernetesObject>(kind: Kind<T>, selection: Selection): ((object: T) => boolean) | undefined {
  const { namespace } = selection
  const labels = selection.labelSelector ? parseLabelSelector(selection.labelSelector) : undefined
  const fields = parseFieldSelector(selection.fieldSelector ?? '').map(requirement => fieldTest(kind, requirement))
  if (namespace === undefined && !labels && fields.length === 0) return undefined
  return object =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (!labels || labels.matches(object.metadata.labels)) &&
    fields.every(test => test(object))
}

function fieldTest<T extends KubernetesObject>(kind: Kind<T>, { field, operator, value }: FieldRequirement): (object: T) => boolean {
  const read = fieldReader(kind, field)
  return object => (read(object) === value) === (operator === '=')
}

function fieldReader<T extends KubernetesObject>(kind: Kind<T>, field: string): (object: T) => string {
  if (field === 'metadata.name') return object => object.metadata.name ?? ''
  if (field === 'metadata.namespace') return object => object.metadata.namespace ?? ''
  const read = Object.hasOwn(kind.selectableFields, field) ? kind.selectableFields[field] : undefined
  if (!read) throw new Error(`informer for ${kind.resource}: field label not supported: ${field}`)
  return read
}
