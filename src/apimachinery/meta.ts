import {
  atomicList,
  boolean,
  fieldsV1,
  type Infer,
  int64,
  keyedList,
  map,
  object,
  optional,
  required,
  setList,
  text,
  time,
} from './schema.ts'

export const Condition = object('io.k8s.apimachinery.pkg.apis.meta.v1.Condition', '', {
  type: required(1, text, ''),
  status: required(2, text, ''),
  observedGeneration: optional(3, int64, ''),
  lastTransitionTime: required(4, time, ''),
  reason: required(5, text, ''),
  message: required(6, text, ''),
})
export interface Condition extends Infer<typeof Condition> {}

export const Preconditions = object('io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions', '', {
  uid: optional(1, text, ''),
  resourceVersion: optional(2, text, ''),
})
export interface Preconditions extends Infer<typeof Preconditions> {}

export const DeleteOptions = object('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', '', {
  gracePeriodSeconds: optional(1, int64, ''),
  kind: optional(0, text, ''),
  apiVersion: optional(0, text, ''),
  preconditions: optional(2, Preconditions, ''),
  orphanDependents: optional(3, boolean, ''),
  propagationPolicy: optional(4, text, ''),
  dryRun: optional(5, atomicList(text), ''),
  ignoreStoreReadErrorWithClusterBreakingPotential: optional(6, boolean, ''),
})
export interface DeleteOptions extends Infer<typeof DeleteOptions> {}

export const FieldSelectorRequirement = object('io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement', '', {
  key: required(1, text, ''),
  operator: required(2, text, ''),
  values: optional(3, atomicList(text), ''),
})
export interface FieldSelectorRequirement extends Infer<typeof FieldSelectorRequirement> {}

export const LabelSelectorRequirement = object('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement', '', {
  key: required(1, text, ''),
  operator: required(2, text, ''),
  values: optional(3, atomicList(text), ''),
})
export interface LabelSelectorRequirement extends Infer<typeof LabelSelectorRequirement> {}

export const LabelSelector = object(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  '',
  {
    matchLabels: optional(1, map(text), ''),
    matchExpressions: optional(2, atomicList(LabelSelectorRequirement), ''),
  },
  { mapType: 'atomic' },
)
export interface LabelSelector extends Infer<typeof LabelSelector> {}

export const ShardInfo = object('io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo', '', {
  selector: required(1, text, ''),
})
export interface ShardInfo extends Infer<typeof ShardInfo> {}

export const ListMeta = object('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta', '', {
  selfLink: optional(1, text, ''),
  resourceVersion: optional(2, text, ''),
  continue: optional(3, text, ''),
  remainingItemCount: optional(4, int64, ''),
  shardInfo: optional(5, ShardInfo, ''),
})
export interface ListMeta extends Infer<typeof ListMeta> {}

export const ManagedFieldsEntry = object('io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry', '', {
  manager: optional(1, text, ''),
  operation: optional(2, text, ''),
  apiVersion: optional(3, text, ''),
  time: optional(4, time, ''),
  fieldsType: optional(6, text, ''),
  fieldsV1: optional(7, fieldsV1, ''),
  subresource: optional(8, text, ''),
})
export interface ManagedFieldsEntry extends Infer<typeof ManagedFieldsEntry> {}

export const OwnerReference = object(
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  '',
  {
    kind: required(1, text, ''),
    name: required(3, text, ''),
    uid: required(4, text, ''),
    apiVersion: required(5, text, ''),
    controller: optional(6, boolean, ''),
    blockOwnerDeletion: optional(7, boolean, ''),
  },
  { mapType: 'atomic' },
)
export interface OwnerReference extends Infer<typeof OwnerReference> {}

export const ObjectMeta = object('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', '', {
  name: optional(1, text, ''),
  generateName: optional(2, text, ''),
  namespace: optional(3, text, ''),
  selfLink: optional(4, text, ''),
  uid: optional(5, text, ''),
  resourceVersion: optional(6, text, ''),
  generation: optional(7, int64, ''),
  creationTimestamp: optional(8, time, ''),
  deletionTimestamp: optional(9, time, ''),
  deletionGracePeriodSeconds: optional(10, int64, ''),
  labels: optional(11, map(text), ''),
  annotations: optional(12, map(text), ''),
  ownerReferences: optional(13, keyedList(OwnerReference, 'uid'), '', { patchStrategy: 'merge', patchMergeKey: 'uid' }),
  finalizers: optional(14, setList(text), '', { patchStrategy: 'merge' }),
  managedFields: optional(17, atomicList(ManagedFieldsEntry), ''),
})
export interface ObjectMeta extends Infer<typeof ObjectMeta> {}

/** What every object of the API has. */
export interface KubernetesObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
}

export interface KubernetesList<T extends KubernetesObject = KubernetesObject> {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ListMeta
  readonly items: readonly T[]
}

/** `v1` or `apps/v1`. */
export const formatGroupVersion = (group: string, version: string): string => (group ? `${group}/${version}` : version)

export function parseGroupVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}
