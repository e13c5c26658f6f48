import { type Infer, object, optional, quantity, required, text } from '../../apimachinery/schema.ts'

export const LocalObjectReference = object(
  'io.k8s.api.core.v1.LocalObjectReference',
  '',
  {
    name: optional(1, text, ''),
  },
  { mapType: 'atomic' },
)
export interface LocalObjectReference extends Infer<typeof LocalObjectReference> {}

export const ObjectFieldSelector = object(
  'io.k8s.api.core.v1.ObjectFieldSelector',
  '',
  {
    apiVersion: optional(1, text, ''),
    fieldPath: required(2, text, ''),
  },
  { mapType: 'atomic' },
)
export interface ObjectFieldSelector extends Infer<typeof ObjectFieldSelector> {}

export const ObjectReference = object(
  'io.k8s.api.core.v1.ObjectReference',
  '',
  {
    kind: optional(1, text, ''),
    namespace: optional(2, text, ''),
    name: optional(3, text, ''),
    uid: optional(4, text, ''),
    apiVersion: optional(5, text, ''),
    resourceVersion: optional(6, text, ''),
    fieldPath: optional(7, text, ''),
  },
  { mapType: 'atomic' },
)
export interface ObjectReference extends Infer<typeof ObjectReference> {}

export const ResourceFieldSelector = object(
  'io.k8s.api.core.v1.ResourceFieldSelector',
  '',
  {
    containerName: optional(1, text, ''),
    resource: required(2, text, ''),
    divisor: optional(3, quantity, ''),
  },
  { mapType: 'atomic' },
)
export interface ResourceFieldSelector extends Infer<typeof ResourceFieldSelector> {}

export const TypedLocalObjectReference = object(
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  '',
  {
    apiGroup: optional(1, text, ''),
    kind: required(2, text, ''),
    name: required(3, text, ''),
  },
  { mapType: 'atomic' },
)
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}
