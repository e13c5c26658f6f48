import { DeleteOptions, ListMeta } from '../meta.ts'
import { atomicList, boolean, int32, list, type ObjectNode, object, optional, rawExtension, required, text } from '../schema.ts'

/** Types that are no kinds of the store but that every API answers or takes. */

const StatusCause = object('io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause', 'One reason why a request failed.', {
  reason: optional(1, text, 'Machine-readable kind of the cause.'),
  message: optional(2, text, 'The cause in words.'),
  field: optional(3, text, 'Path of the field that caused it, as in `spec.containers[0].name`.'),
})

const StatusDetails = object('io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails', 'What a Status is about.', {
  name: optional(1, text, 'Name of the object.'),
  group: optional(2, text, 'API group of the object.'),
  kind: optional(3, text, 'Kind or resource of the object.'),
  causes: optional(4, atomicList(StatusCause), 'The causes of the failure, one by one.'),
  retryAfterSeconds: optional(5, int32, 'Seconds to wait before another try.'),
  uid: optional(6, text, 'UID of the object.'),
})

export const Status = object('io.k8s.apimachinery.pkg.apis.meta.v1.Status', 'Answer to a request that returns no other object.', {
  apiVersion: optional(0, text, 'APIVersion defines the group and version of the schema that this object follows.'),
  kind: optional(0, text, 'Name of the kind of this object.'),
  metadata: optional(1, ListMeta, 'Continue token and resource version, where they apply.'),
  status: optional(2, text, 'Success or Failure.'),
  message: optional(3, text, 'The outcome in words.'),
  reason: optional(4, text, 'Machine-readable reason of a failure.'),
  details: optional(5, StatusDetails, 'What the outcome is about.'),
  code: optional(6, int32, 'HTTP status code.'),
})

export const WatchEvent = object('io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent', 'One change in a watch.', {
  type: required(1, text, 'ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.'),
  object: required(2, rawExtension, 'The object after the change; a Status for ERROR.'),
})

const APIResource = object('io.k8s.apimachinery.pkg.apis.meta.v1.APIResource', 'A resource that the server offers.', {
  name: required(1, text, 'Plural name, with its subresource if any.'),
  namespaced: required(2, boolean, 'Whether its objects live in namespaces.'),
  kind: required(3, text, 'Kind of its objects.'),
  verbs: required(4, list(text, { wrapped: true }), 'What can be done with it.'),
  shortNames: optional(5, atomicList(text), 'Short names for command lines.'),
  singularName: required(6, text, 'Singular name.'),
  categories: optional(7, atomicList(text), 'Groups of resources that it belongs to, such as all.'),
  group: optional(8, text, 'Group of its kind, where it differs from the list.'),
  version: optional(9, text, 'Version of its kind, where it differs from the list.'),
  storageVersionHash: optional(10, text, 'Identifies the stored version.'),
})

export const APIResourceList = object('io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList', 'The resources of one group and version.', {
  apiVersion: optional(0, text, 'APIVersion defines the group and version of the schema that this object follows.'),
  kind: optional(0, text, 'Name of the kind of this object.'),
  groupVersion: required(1, text, 'The group and version.'),
  resources: required(2, atomicList(APIResource), 'Its resources and their subresources.'),
})

const typeMeta = {
  apiVersion: optional(0, text, 'APIVersion defines the group and version of the schema that this object follows.'),
  kind: optional(0, text, 'Name of the kind of this object.'),
}
const prefix = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const ServerAddressByClientCIDR = object(`${prefix}.ServerAddressByClientCIDR`, 'Where clients of a network reach the server.', {
  clientCIDR: required(1, text, 'The network.'),
  serverAddress: required(2, text, 'The address.'),
})

export const APIVersions = object(`${prefix}.APIVersions`, 'The versions of the group without a name.', {
  ...typeMeta,
  versions: required(1, atomicList(text), 'The versions.'),
  serverAddressByClientCIDRs: required(2, atomicList(ServerAddressByClientCIDR), 'Where the server is reached.'),
})

const GroupVersionForDiscovery = object(`${prefix}.GroupVersionForDiscovery`, 'A version of a group.', {
  groupVersion: required(1, text, 'Group and version.'),
  version: required(2, text, 'The version alone.'),
})

export const APIGroup = object(`${prefix}.APIGroup`, 'A group and its versions.', {
  ...typeMeta,
  name: required(1, text, 'Name of the group.'),
  versions: required(2, atomicList(GroupVersionForDiscovery), 'Its versions.'),
  preferredVersion: optional(3, GroupVersionForDiscovery, 'The version that clients should take.'),
  serverAddressByClientCIDRs: optional(4, atomicList(ServerAddressByClientCIDR), 'Where the group is served.'),
})

export const APIGroupList = object(`${prefix}.APIGroupList`, 'All groups that have a name.', {
  ...typeMeta,
  groups: required(1, atomicList(APIGroup), 'The groups.'),
})

export const VersionInfo = object('io.k8s.apimachinery.pkg.version.Info', 'What the server is.', {
  major: required(0, text, 'Major version.'),
  minor: required(0, text, 'Minor version.'),
  emulationMajor: optional(0, text, 'Major version that it behaves as.'),
  emulationMinor: optional(0, text, 'Minor version that it behaves as.'),
  minCompatibilityMajor: optional(0, text, 'Major version of the oldest one that it can stand beside.'),
  minCompatibilityMinor: optional(0, text, 'Minor version of the oldest one that it can stand beside.'),
  gitVersion: required(0, text, 'The version in full.'),
  gitCommit: required(0, text, 'What it was made of.'),
  gitTreeState: required(0, text, 'Whether that was changed.'),
  buildDate: required(0, text, 'When it was made.'),
  goVersion: required(0, text, 'What it runs on.'),
  compiler: required(0, text, 'What it was made with.'),
  platform: required(0, text, 'Operating system and architecture.'),
})

/** Of what a server says of itself and its groups. */
export const discoveryTypes: readonly ObjectNode[] = [APIVersions, APIGroup, APIGroupList, VersionInfo]

export const commonTypes: readonly ObjectNode[] = [Status, WatchEvent, APIResourceList, DeleteOptions]

export const patchDefinition = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch'
