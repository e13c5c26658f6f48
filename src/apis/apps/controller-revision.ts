import { type FieldError, requiredField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { parseGroupVersion } from '../../apimachinery/meta.ts'
import { type Infer, int64, optional, rawExtension, required } from '../../apimachinery/schema.ts'
import { none } from '../columns.ts'
import { notNegative } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'

export const ControllerRevision = topLevel(
  'io.k8s.api.apps.v1.ControllerRevision',
  'A state of a stateful set or daemon set that its controller keeps, to tell pods apart and to go back to.',
  {
    data: optional(2, rawExtension, "The state, as a patch of the owner; can't be changed."),
    revision: required(3, int64, 'Its place in the history; later ones are higher.', { default: 0 }),
  },
)
export interface ControllerRevision extends Infer<typeof ControllerRevision> {}

export const controllerRevisionKind: Kind<ControllerRevision> = defineKind({
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  group: 'apps',
  version: 'v1',
  schema: ControllerRevision,
  scope: 'Namespaced',
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', description: 'Whose state it is.', priority: 0, cell: controllerText },
    {
      name: 'Revision',
      type: 'string',
      description: 'Its place in the history.',
      priority: 0,
      cell: ({ revision }: ControllerRevision) => revision ?? 0,
    },
    ageColumn,
  ],
  strategy: {
    validate: validateRevision,
    validateUpdate: (object, old) => immutable(object.data, old.data, 'data'),
    allowUnconditionalUpdate: true,
  },
})

function validateRevision({ data, revision }: ControllerRevision): FieldError[] {
  const isMissing = data === undefined || data === null
  return [...(isMissing ? [requiredField('data', 'data is mandatory')] : []), ...notNegative(revision, 'revision')]
}

/** `statefulset.apps/web` */
function controllerText({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(reference => reference.controller)
  if (owner === undefined) return none
  const { group } = parseGroupVersion(owner.apiVersion)
  return `${owner.kind.toLowerCase()}${group && `.${group}`}/${owner.name}`
}
