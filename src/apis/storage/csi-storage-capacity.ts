import { type FieldError, invalidField } from '../../apimachinery/field-error.ts'
import { defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { validateDnsSubdomain } from '../../apimachinery/names.ts'
import { validateLabelSelector } from '../../apimachinery/object-meta-validation.ts'
import { compareQuantities } from '../../apimachinery/quantity.ts'
import { type Infer, optional, quantity, required, text } from '../../apimachinery/schema.ts'
import { invalid } from '../core/validation/rules.ts'
import { immutable } from '../field-rules.ts'

export const CSIStorageCapacity = topLevel(
  'io.k8s.api.storage.v1.CSIStorageCapacity',
  'How much storage of a class there is for a part of the cluster.',
  {
    nodeTopology: optional(
      2,
      LabelSelector,
      'Labels of nodes for which it holds; none at all for no node, an empty selector for every node.',
    ),
    storageClassName: required(3, text, 'StorageClass that it is about.'),
    capacity: optional(4, quantity, 'How much is available.'),
    maximumVolumeSize: optional(5, quantity, 'Size of the largest volume that can be made.'),
  },
)
export interface CSIStorageCapacity extends Infer<typeof CSIStorageCapacity> {}

export const csiStorageCapacityKind: Kind<CSIStorageCapacity> = defineKind({
  kind: 'CSIStorageCapacity',
  resource: 'csistoragecapacities',
  group: 'storage.k8s.io',
  version: 'v1',
  schema: CSIStorageCapacity,
  scope: 'Namespaced',
  columns: [
    nameColumn,
    {
      name: 'StorageClassName',
      type: 'string',
      description: 'StorageClass that it is about.',
      priority: 0,
      cell: (one: CSIStorageCapacity) => one.storageClassName,
    },
    {
      name: 'Capacity',
      type: 'string',
      description: 'How much is available.',
      priority: 0,
      cell: (one: CSIStorageCapacity) => one.capacity ?? '<unset>',
    },
  ],
  strategy: {
    validate: validateCapacity,
    validateUpdate: (one, old) => [
      ...immutable(one.nodeTopology, old.nodeTopology, 'nodeTopology'),
      ...immutable(one.storageClassName, old.storageClassName, 'storageClassName'),
    ],
  },
})

function validateCapacity({ nodeTopology, storageClassName = '', capacity }: CSIStorageCapacity): FieldError[] {
  return [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...invalid('storageClassName', storageClassName, validateDnsSubdomain(storageClassName)),
    ...(capacity !== undefined && compareQuantities(capacity, '0') < 0
      ? [invalidField('capacity', capacity, 'must be greater than or equal to 0')]
      : []),
  ]
}
