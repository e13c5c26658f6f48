import type { GroupVersionKind } from './document.ts'

type GroupVersion = Pick<GroupVersionKind, 'group' | 'version'>

/** `CoreV1`, `RbacAuthorizationV1`: the first part of operation ids. Without a version: of what concerns all of a group's. */
export const groupTitle = ({ group, version }: Partial<GroupVersion>): string =>
  [...shortGroup(group).split('.'), version ?? ''].map(capitalize).join('')

/** `core_v1`, `rbacAuthorization_v1`. */
export const tagOf = ({ group, version }: GroupVersion): string => `${groupTag(group)}_${version}`

/** `core`, `rbacAuthorization`. */
export function groupTag(group: string): string {
  const [first = '', ...rest] = shortGroup(group).split('.')
  return `${first}${rest.map(capitalize).join('')}`
}

const shortGroup = (group: string | undefined): string => (group ? group.replace(/\.k8s\.io$/, '') : 'core')

export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
