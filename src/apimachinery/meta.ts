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

export const Condition = object('io.k8s.apimachinery.pkg.apis.meta.v1.Condition', "One aspect of an object's state.", {
  type: required(1, text, 'What the condition is about.'),
  status: required(2, text, 'True, False or Unknown.'),
  observedGeneration: optional(3, int64, 'Generation of the object that the condition is about.'),
  lastTransitionTime: required(4, time, 'When the status last changed.'),
  reason: required(5, text, 'Why it is so, in one word.'),
  message: required(6, text, 'Why it is so, in a sentence.'),
})
export interface Condition extends Infer<typeof Condition> {}

export const Preconditions = object('io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions', 'What must hold for a change to be made.', {
  uid: optional(1, text, 'UID that the object must have.'),
  resourceVersion: optional(2, text, 'Version that the object must have.'),
})
export interface Preconditions extends Infer<typeof Preconditions> {}

export const DeleteOptions = object('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', 'How to delete.', {
  gracePeriodSeconds: optional(1, int64, "Seconds to end gracefully; 0 for at once, the kind's own by default."),
  kind: optional(0, text, 'Name of the kind of this object.'),
  apiVersion: optional(0, text, 'APIVersion defines the group and version of the schema that this object follows.'),
  preconditions: optional(2, Preconditions, 'What must hold, else nothing is deleted and the answer is 409.'),
  orphanDependents: optional(3, boolean, 'Old form of propagationPolicy.'),
  propagationPolicy: optional(4, text, 'What becomes of dependents: Orphan, Background or Foreground.'),
  dryRun: optional(5, atomicList(text), 'With All, everything is checked and nothing is written.'),
  ignoreStoreReadErrorWithClusterBreakingPotential: optional(
    6,
    boolean,
    "Deletes an object that can't be read any more, without its finalizers and checks.",
  ),
})
export interface DeleteOptions extends Infer<typeof DeleteOptions> {}

export const FieldSelectorRequirement = object(
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement',
  'A requirement on one field.',
  {
    key: required(1, text, 'Path of the field.'),
    operator: required(2, text, 'In, NotIn, Exists or DoesNotExist.'),
    values: optional(3, atomicList(text), 'Values to compare with.'),
  },
)
export interface FieldSelectorRequirement extends Infer<typeof FieldSelectorRequirement> {}

export const LabelSelectorRequirement = object(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement',
  'A requirement on one label.',
  {
    key: required(1, text, 'Key of the label.'),
    operator: required(2, text, 'In, NotIn, Exists or DoesNotExist.'),
    values: optional(3, atomicList(text), 'Values to compare with, for In and NotIn.'),
  },
)
export interface LabelSelectorRequirement extends Infer<typeof LabelSelectorRequirement> {}

export const LabelSelector = object(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'Which objects are meant, by their labels; all requirements must hold, none match everything.',
  {
    matchLabels: optional(1, map(text), 'Labels with the values they must have.'),
    matchExpressions: optional(2, atomicList(LabelSelectorRequirement), 'Requirements on labels.'),
  },
  { mapType: 'atomic' },
)
export interface LabelSelector extends Infer<typeof LabelSelector> {}

export const ShardInfo = object('io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo', 'Which part of a collection a list holds.', {
  selector: required(1, text, 'Selector that the list was made with.'),
})
export interface ShardInfo extends Infer<typeof ShardInfo> {}

export const ListMeta = object('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta', 'Data of a list.', {
  selfLink: optional(1, text, 'Not used any more.'),
  resourceVersion: optional(2, text, 'Version of the collection that the list shows; a watch can start here.'),
  continue: optional(3, text, 'Token to ask for the rest of the list with.'),
  remainingItemCount: optional(4, int64, 'How many items are left, where that is known.'),
  shardInfo: optional(5, ShardInfo, 'Which part of the collection it holds, where it was asked for one.'),
})
export interface ListMeta extends Infer<typeof ListMeta> {}

export const ManagedFieldsEntry = object('io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry', 'Which fields a manager has set.', {
  manager: optional(1, text, 'Name of the manager.'),
  operation: optional(2, text, 'Apply or Update.'),
  apiVersion: optional(3, text, 'Version of the schema that the fields are written in.'),
  time: optional(4, time, 'When the manager last changed them.'),
  fieldsType: optional(6, text, 'Format of the fields: FieldsV1.'),
  fieldsV1: optional(7, fieldsV1, 'The fields, as a tree of their names.'),
  subresource: optional(8, text, 'Subresource through which they were set.'),
})
export interface ManagedFieldsEntry extends Infer<typeof ManagedFieldsEntry> {}

export const OwnerReference = object(
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  'An object that this one belongs to, in the same namespace or the cluster.',
  {
    kind: required(1, text, 'Kind of the owner.'),
    name: required(3, text, 'Name of the owner.'),
    uid: required(4, text, 'UID of the owner.'),
    apiVersion: required(5, text, 'Group and version of the owner.'),
    controller: optional(6, boolean, 'Whether the owner is the one that controls it.'),
    blockOwnerDeletion: optional(7, boolean, 'Whether an owner deleted in the foreground waits for it.'),
  },
  { mapType: 'atomic' },
)
export interface OwnerReference extends Infer<typeof OwnerReference> {}

export const ObjectMeta = object(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  'What every object has: names, labels, versions, owners.',
  {
    name: optional(1, text, 'Name of the object, unique in its namespace for its kind.'),
    generateName: optional(2, text, 'Beginning of a name that the server completes, where name is empty.'),
    namespace: optional(3, text, 'Namespace that it is in; empty for objects of the cluster.'),
    selfLink: optional(4, text, 'Not used any more.'),
    uid: optional(5, text, 'Id given by the server, unique over time and space.'),
    resourceVersion: optional(6, text, 'Version of the object, for updates that must not overwrite others and for watches.'),
    generation: optional(7, int64, 'Counts changes of what is asked for.'),
    creationTimestamp: optional(8, time, 'CreationTimestamp is a timestamp of when it was made.'),
    deletionTimestamp: optional(9, time, 'When it is to be gone; set when it has been deleted and still ends.'),
    deletionGracePeriodSeconds: optional(10, int64, 'Seconds that it has to end.'),
    labels: optional(11, map(text), 'Labels to find and group objects by.'),
    annotations: optional(12, map(text), 'Data that tools keep with the object.'),
    ownerReferences: optional(13, keyedList(OwnerReference, 'uid'), 'Objects that it belongs to; when they are all gone, it goes too.', {
      patchStrategy: 'merge',
      patchMergeKey: 'uid',
    }),
    finalizers: optional(14, setList(text), 'Who must be done before it may be gone.', { patchStrategy: 'merge' }),
    managedFields: optional(17, atomicList(ManagedFieldsEntry), 'Which manager has set which fields.'),
  },
)
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
