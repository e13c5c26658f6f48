import { APIResourceList } from '../../apimachinery/openapi/common-types.ts'
import { atomicList, type ObjectNode, object, optional, required, text } from '../../apimachinery/schema.ts'

/** The documents of discovery as messages; APIResourceList is described in OpenAPI as well. */
const prefix = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const ServerAddressByClientCIDR = object(`${prefix}.ServerAddressByClientCIDR`, 'Where clients of a network reach the server.', {
  clientCIDR: required(1, text, 'The network.'),
  serverAddress: required(2, text, 'The address.'),
})

const APIVersions = object(`${prefix}.APIVersions`, 'The versions of the group without a name.', {
  versions: required(1, atomicList(text), 'The versions.'),
  serverAddressByClientCIDRs: required(2, atomicList(ServerAddressByClientCIDR), 'Where the server is reached.'),
})

const GroupVersionForDiscovery = object(`${prefix}.GroupVersionForDiscovery`, 'A version of a group.', {
  groupVersion: required(1, text, 'Group and version.'),
  version: required(2, text, 'The version alone.'),
})

const APIGroup = object(`${prefix}.APIGroup`, 'A group and its versions.', {
  name: required(1, text, 'Name of the group.'),
  versions: required(2, atomicList(GroupVersionForDiscovery), 'Its versions.'),
  preferredVersion: optional(3, GroupVersionForDiscovery, 'The version that clients should take.'),
  serverAddressByClientCIDRs: optional(4, atomicList(ServerAddressByClientCIDR), 'Where the group is served.'),
})

const APIGroupList = object(`${prefix}.APIGroupList`, 'All groups that have a name.', {
  groups: required(1, atomicList(APIGroup), 'The groups.'),
})

export const discoveryMessages: Readonly<Record<string, ObjectNode>> = { APIVersions, APIGroup, APIGroupList, APIResourceList }
