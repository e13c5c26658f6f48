import type { ObjectNode } from '../schema.ts'
import { APIGroup, APIGroupList, APIVersions, VersionInfo } from './common-types.ts'
import { groupTag, groupTitle } from './naming.ts'
import type { Operation, PathItem } from './operations.ts'
import type { ServedKind } from './served-kind.ts'

/** A path above all versions, with a document of its own in version 3. */
export interface RootItem {
  /** Of the document: `apis/apps`. */
  readonly document: string
  readonly item: PathItem
  readonly answer: ObjectNode
}

/** What the server says of itself and of groups as a whole. Custom kinds' groups have never been described so. */
export function rootItems(kinds: readonly ServedKind[]): RootItem[] {
  const groups = new Set(kinds.filter(({ custom }) => !custom).map(({ group }) => group))
  const core = groups.delete('')
  return [
    rootItem('version', 'getCodeVersion', 'version', 'Tells the version of this server.', VersionInfo, ['application/json']),
    ...(core ? [rootItem('api', 'getCoreAPIVersions', 'core', 'Lists the versions of the group without a name.', APIVersions)] : []),
    rootItem('apis', 'getAPIVersions', 'apis', 'Lists all groups and their versions.', APIGroupList),
    ...[...groups].map(group =>
      rootItem(`apis/${group}`, `get${groupTitle({ group })}APIGroup`, groupTag(group), 'Tells the versions of this group.', APIGroup),
    ),
  ]
}

const discoveryTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

function rootItem(
  document: string,
  id: string,
  tag: string,
  description: string,
  answer: ObjectNode,
  mediaTypes: readonly string[] = discoveryTypes,
): RootItem {
  const get: Operation = { id, tag, description, parameters: [], codes: [200], answer: answer.name, mediaTypes, streams: false }
  return { document, item: { path: `/${document}/`, parameters: [], operations: { get } }, answer }
}
