import { duplicateField, type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import { ageColumn, defineKind, type Kind, nameColumn, topLevel } from '../../apimachinery/kind.ts'
import { validateQualifiedName } from '../../apimachinery/names.ts'
import { atomicList, type Infer, int32, keyedList, object, optional, required, text } from '../../apimachinery/schema.ts'
import { orNull, withField, without } from '../core/sharing.ts'
import { each, invalid, notNegative } from '../core/validation/rules.ts'
import { validateDriverName } from '../core/validation/volume-sources.ts'
import { immutable } from '../field-rules.ts'

export const VolumeNodeResources = object('io.k8s.api.storage.v1.VolumeNodeResources', 'How many volumes a node can take.', {
  count: optional(1, int32, 'Most volumes of the driver that can be on the node at a time; no limit by default.'),
})
export interface VolumeNodeResources extends Infer<typeof VolumeNodeResources> {}

export const CSINodeDriver = object('io.k8s.api.storage.v1.CSINodeDriver', 'A driver on a node.', {
  name: required(1, text, 'Name of the driver.'),
  nodeID: required(2, text, 'Name that the driver has for the node.'),
  topologyKeys: optional(3, atomicList(text), 'Labels of nodes that say where its volumes can be reached.'),
  allocatable: optional(4, VolumeNodeResources, 'How many of its volumes the node can take.'),
})
export interface CSINodeDriver extends Infer<typeof CSINodeDriver> {}

export const CSINodeSpec = object('io.k8s.api.storage.v1.CSINodeSpec', 'Drivers on a node.', {
  drivers: required(1, keyedList(CSINodeDriver, 'name'), 'The drivers, one for each name.', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
})
export interface CSINodeSpec extends Infer<typeof CSINodeSpec> {}

export const CSINode = topLevel('io.k8s.api.storage.v1.CSINode', 'What CSI drivers a node has; named after the node.', {
  spec: required(2, CSINodeSpec, 'The drivers on the node.'),
})
export interface CSINode extends Infer<typeof CSINode> {}

export const csiNodeKind: Kind<CSINode> = defineKind({
  kind: 'CSINode',
  resource: 'csinodes',
  group: 'storage.k8s.io',
  version: 'v1',
  schema: CSINode,
  scope: 'Cluster',
  answersDeletionWithObject: true,
  columns: [
    nameColumn,
    {
      name: 'Drivers',
      type: 'integer',
      description: 'Number of drivers on the node.',
      priority: 0,
      cell: ({ spec }: CSINode) => spec?.drivers?.length ?? 0,
    },
    ageColumn,
  ],
  strategy: {
    applyDefaults(node) {
      const spec: Partial<CSINodeSpec> = node.spec ?? {}
      const drivers = orNull(spec.drivers)
      return spec.drivers === drivers ? node : withField(node, 'spec', { ...spec, drivers })
    },
    validate: ({ spec }) => validateDrivers(spec?.drivers, 'spec.drivers'),
    // How many volumes a node can take may change; what a driver calls it may not.
    validateUpdate: ({ spec }, old) =>
      (spec?.drivers ?? []).flatMap(driver => {
        const before = old.spec?.drivers?.find(one => one.name === driver.name)
        return before ? immutable(without(driver, 'allocatable'), without(before, 'allocatable'), 'spec.drivers') : []
      }),
  },
})

const longestNodeId = 192

function validateDrivers(drivers: readonly CSINodeDriver[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return each(drivers, path, ({ name = '', nodeID = '', allocatable, topologyKeys }, at) => {
    const errors = [
      ...validateDriverName(name, `${at}.name`),
      ...(nodeID === '' ? [requiredField(`${at}.nodeID`)] : []),
      ...(nodeID.length > longestNodeId ? [invalidField(`${at}.nodeID`, nodeID, `must be ${longestNodeId} characters or less`)] : []),
      ...notNegative(allocatable?.count, `${at}.allocatable.count`),
      ...(names.has(name) ? [duplicateField(`${at}.name`, name)] : []),
      ...validateTopologyKeys(topologyKeys ?? [], at),
    ]
    names.add(name)
    return errors
  })
}

const validateTopologyKeys = (keys: readonly string[], path: string): FieldError[] =>
  keys.flatMap((key, index) => [
    ...(key === '' ? [requiredField(path)] : []),
    ...(keys.indexOf(key) < index ? [duplicateField(path, key)] : []),
    ...invalid(path, key, validateQualifiedName(key)),
  ])
