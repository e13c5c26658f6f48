import { badRequest } from '../../apimachinery/api-errors.ts'
import type { CallOptions } from '../../apimachinery/connection.ts'
import { parseFieldSelector, parseLabelSelector } from '../../apimachinery/selectors.ts'
import type { StoredVersion } from '../../storage/types.ts'
import type { Resource } from '../resources.ts'
import { fieldsOf, labelsOf } from './stored-object.ts'

/** Which objects of a collection a list, watch or deletecollection means. */
export interface Selection {
  readonly everything: boolean
  /** Set where the field selector asks for one name. */
  readonly name: string | undefined
  /** Fields of the objects themselves are asked for, so that they must be readable. */
  readonly readsFields: boolean
  readonly matches: (version: StoredVersion) => boolean
}

const everything: Selection = { everything: true, name: undefined, readsFields: false, matches: () => true }

export function parseSelection(resource: Resource, options: Pick<CallOptions, 'labelSelector' | 'fieldSelector'>): Selection {
  const { labelSelector, fieldSelector } = options
  if (!labelSelector && !fieldSelector) return everything
  const labels = labelSelector ? parseLabels(labelSelector) : undefined
  const fields = fieldSelector ? parseFields(resource, fieldSelector) : []
  if (!labels && fields.length === 0) return everything
  const matches = (version: StoredVersion): boolean => {
    if (labels && !labels.matches(labelsOf(resource, version))) return false
    if (fields.length === 0) return true
    const values = fieldsOf(resource, version)
    return fields.every(({ field, operator, value }) => (values[field] === value) === (operator === '='))
  }
  const name = fields.find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value
  return { everything: false, name, readsFields: fields.length > 0, matches }
}

function parseLabels(text: string) {
  try {
    return parseLabelSelector(text)
  } catch (error) {
    throw badRequest(`unable to parse requirement: ${messageOf(error).replace(/^unable to parse requirement: /, '')}`)
  }
}

function parseFields(resource: Resource, text: string) {
  const requirements = parse(text)
  for (const { field } of requirements) {
    if (field === 'metadata.name' || (field === 'metadata.namespace' && resource.namespaced)) continue
    if (resource.kind.selectableFields[field] === undefined) throw badRequest(unsupportedField(resource, field))
  }
  return requirements
}

function parse(text: string) {
  try {
    return parseFieldSelector(text)
  } catch (error) {
    throw badRequest(messageOf(error))
  }
}

// Two wordings, as upstream: kinds with selectable fields of their own (and custom ones), and all others.
function unsupportedField({ kind }: Resource, field: string): string {
  if (kind.custom || Object.keys(kind.selectableFields).length > 0) return `field label not supported: ${field}`
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
