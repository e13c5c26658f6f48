import { type Infer, object, optional, quantity, required, text } from '../../apimachinery/schema.ts'

export const LocalObjectReference = object(
  'io.k8s.api.core.v1.LocalObjectReference',
  'A reference to an object in the same namespace, by name.',
  {
    name: optional(1, text, 'Name of the object.'),
  },
  { mapType: 'atomic' },
)
export interface LocalObjectReference extends Infer<typeof LocalObjectReference> {}

export const ObjectFieldSelector = object(
  'io.k8s.api.core.v1.ObjectFieldSelector',
  'A field of the pod.',
  {
    apiVersion: optional(1, text, 'Version of the schema that the path is written in, v1 by default.'),
    fieldPath: required(2, text, 'Path of the field, such as metadata.name.'),
  },
  { mapType: 'atomic' },
)
export interface ObjectFieldSelector extends Infer<typeof ObjectFieldSelector> {}

export const ObjectReference = object(
  'io.k8s.api.core.v1.ObjectReference',
  'A reference to an object.',
  {
    kind: optional(1, text, 'Kind of the object.'),
    namespace: optional(2, text, 'Namespace of the object.'),
    name: optional(3, text, 'Name of the object.'),
    uid: optional(4, text, 'UID of the object.'),
    apiVersion: optional(5, text, 'Group and version of the object.'),
    resourceVersion: optional(6, text, 'Version of the object that is meant.'),
    fieldPath: optional(7, text, 'Part of the object that is meant.'),
  },
  { mapType: 'atomic' },
)
export interface ObjectReference extends Infer<typeof ObjectReference> {}

export const ResourceFieldSelector = object(
  'io.k8s.api.core.v1.ResourceFieldSelector',
  'A request or limit of a container.',
  {
    containerName: optional(1, text, 'Name of the container; in volumes it must be there.'),
    resource: required(2, text, 'What to show, such as limits.cpu.'),
    divisor: optional(3, quantity, 'Unit to show it in; 1 by default.'),
  },
  { mapType: 'atomic' },
)
export interface ResourceFieldSelector extends Infer<typeof ResourceFieldSelector> {}

export const TypedLocalObjectReference = object(
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  'A reference to an object of any kind in the same namespace.',
  {
    apiGroup: optional(1, text, 'Group of its kind; empty for the core group.'),
    kind: required(2, text, 'Kind of the object.'),
    name: required(3, text, 'Name of the object.'),
  },
  { mapType: 'atomic' },
)
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}
