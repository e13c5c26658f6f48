import { isJsonObject } from '../../apimachinery/json-value.ts'

/** What an extension server says of one of its group versions. */
export interface RemoteDescription {
  /** The entries of its APIResourceList, as it wrote them. */
  readonly resources: readonly RemoteResource[]
  /** Where its OpenAPI v3 document is, with the document's hash; absent where it has none. */
  readonly openApiV3?: string
}

export interface RemoteResource {
  readonly name: string
  readonly singularName: string
  readonly namespaced: boolean
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

/** Undefined where the document is no list of resources. */
export function readResources(document: unknown): readonly RemoteResource[] | undefined {
  if (!isJsonObject(document) || document.kind !== 'APIResourceList' || !Array.isArray(document.resources)) return undefined
  return document.resources.flatMap((one: unknown): RemoteResource[] => {
    if (!isJsonObject(one) || typeof one.name !== 'string' || typeof one.kind !== 'string') return []
    return [
      {
        name: one.name,
        singularName: text(one.singularName) ?? '',
        namespaced: one.namespaced === true,
        kind: one.kind,
        ...(text(one.group) !== undefined && { group: text(one.group) }),
        ...(text(one.version) !== undefined && { version: text(one.version) }),
        verbs: texts(one.verbs),
        ...(texts(one.shortNames).length > 0 && { shortNames: texts(one.shortNames) }),
        ...(texts(one.categories).length > 0 && { categories: texts(one.categories) }),
      },
    ]
  })
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one: unknown): one is string => typeof one === 'string') : []

/** The same resources in the form of aggregated discovery, where subresources lie below their resource. */
export function aggregatedResources(resources: readonly RemoteResource[], group: string, version: string): readonly object[] {
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(resource => {
      const own = resources.filter(({ name }) => name.startsWith(`${resource.name}/`))
      const { shortNames, categories } = resource
      return {
        resource: resource.name,
        responseKind: responseKind(resource, group, version),
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName,
        verbs: resource.verbs,
        ...(shortNames && { shortNames }),
        ...(categories && { categories }),
        ...(own.length > 0 && {
          subresources: own.map(one => ({
            subresource: one.name.slice(resource.name.length + 1),
            responseKind: responseKind(one, group, version),
            verbs: one.verbs,
          })),
        }),
      }
    })
}

const responseKind = (resource: RemoteResource, group: string, version: string) => ({
  group: resource.group ?? group,
  version: resource.version ?? version,
  kind: resource.kind,
})
