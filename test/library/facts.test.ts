import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Definition, differencesOf, kindsField, type TypeFact } from '../support/definitions.ts'
import { sharedLibraryCluster } from '../support/library.ts'

/** What a running server publishes about itself, beside the public facts of Kubernetes v1.36. */

const facts = fileURLToPath(new URL('../../../shared/spec/', import.meta.url))
const hasFacts = existsSync(facts)
if (!hasFacts) console.log('discovery and OpenAPI were not compared with the public facts: ../shared/spec is not there')

const read = <T>(name: string): T => JSON.parse(readFileSync(`${facts}${name}`, 'utf8')) as T

interface ResponseKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

interface Resource {
  readonly resource: string
  readonly responseKind: ResponseKind
  readonly scope: string
  readonly singularResource: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly {
    readonly subresource: string
    readonly responseKind: ResponseKind
    readonly verbs: readonly string[]
  }[]
}

interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string }
    readonly versions: readonly { readonly version: string; readonly resources: readonly Resource[] }[]
  }[]
}

/** Groups that other programs serve in a cluster of upstream's. */
const beyondTheFacts: readonly string[] = ['metrics.k8s.io']
const isStable = (version: string): boolean => /^v\d+$/.test(version)
const groupVersionOf = (group: string, version: string): string => (group ? `${group}/${version}` : version)

describe('what is published', { skip: hasFacts ? false : 'the facts are not there' }, async () => {
  if (!hasFacts) return
  const { send } = await sharedLibraryCluster()
  const get = async (path: string, headers?: Readonly<Record<string, string>>) => (await send('GET', path, { headers })).json

  /** Each resource and subresource by `group/version resource`, with all that is said about it. */
  function resourcesOf({ items }: Discovery): Map<string, unknown> {
    const found = new Map<string, unknown>()
    for (const { metadata, versions } of items) {
      const group = metadata.name ?? ''
      if (beyondTheFacts.includes(group)) continue
      for (const { version, resources } of versions.filter(one => isStable(one.version))) {
        for (const { subresources = [], ...resource } of resources) {
          const name = `${groupVersionOf(group, version)} ${resource.resource}`
          found.set(name, resource)
          for (const { subresource, ...rest } of subresources) found.set(`${name}/${subresource}`, rest)
        }
      }
    }
    return found
  }

  const published = (): Discovery => read<Discovery>('discovery.json')

  it('the aggregated discovery document: groups, versions in order, resources and all that is said of them', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const [core, others] = [await get('/api', { accept }), await get('/apis', { accept })]
    const live: Discovery = { items: [...core.items, ...others.items] }
    const wanted = published()
    assert.deepEqual(compareMaps(resourcesOf(live), resourcesOf(wanted)), [])
    const groups = ({ items }: Discovery) =>
      items
        .map(({ metadata, versions }) => `${metadata.name ?? ''}: ${versions.map(one => one.version).filter(isStable)}`)
        .filter(text => !text.endsWith(': ') && !beyondTheFacts.some(group => text.startsWith(`${group}:`)))
    const served = groups(wanted).filter(text => groups(live).includes(text))
    assert.deepEqual(groups(live), served, 'groups come in the order of the facts, with their versions in order')
  })

  it('the older documents of each group and version say the same', async () => {
    const list = await get('/apis')
    const names: string[] = list.groups.flatMap((group: { versions: { groupVersion: string }[] }) =>
      group.versions.map(one => one.groupVersion),
    )
    const paths = ['/api/v1', ...names.map(name => `/apis/${name}`)]
    const live = new Map<string, unknown>()
    for (const path of paths) {
      const document = await get(path)
      for (const { storageVersionHash: _hash, ...resource } of document.resources)
        live.set(`${document.groupVersion} ${resource.name}`, resource)
    }
    const wanted = new Map<string, unknown>()
    for (const { metadata, versions } of published().items) {
      const group = metadata.name ?? ''
      for (const { version, resources } of versions.filter(one => isStable(one.version))) {
        const own = groupVersionOf(group, version)
        for (const resource of resources) for (const [name, entry] of olderForm(resource)) wanted.set(`${own} ${name}`, entry)
      }
    }
    for (const name of live.keys()) if (beyondTheFacts.some(group => name.startsWith(`${group}/`))) live.delete(name)
    assert.deepEqual(compareMaps(live, wanted), [])
  })

  it('OpenAPI version 2: every definition, field by field', async () => {
    const { definitions } = await get('/openapi/v2')
    assert.deepEqual(compareDefinitions(definitions), [])
  })

  it('OpenAPI version 3: every definition, field by field', async () => {
    const { paths } = await get('/openapi/v3')
    const schemas: Record<string, Definition> = {}
    for (const { serverRelativeURL } of Object.values(paths) as { serverRelativeURL: string }[]) {
      const { components } = await get(serverRelativeURL)
      // Where another group holds a kind, its document does not call it one.
      for (const [name, schema] of Object.entries<Definition>(components?.schemas ?? {}))
        if (!schemas[name]?.[kindsField]) schemas[name] = schema
    }
    assert.deepEqual(compareDefinitions(schemas), [])
  })

  /** What differs of the types that are known, and those of stable kinds that are absent. */
  function compareDefinitions(live: Readonly<Record<string, Definition>>): string[] {
    const types = read<Record<string, TypeFact>>('types.json')
    const wanted = reachableTypes(types)
    const missing = [...wanted].filter(name => live[name] === undefined && types[name]?.fields !== undefined)
    const absent = missing.map(name => `${name} is not published`)
    const differing = Object.entries(live).flatMap(([name, definition]) => {
      const fact = types[name]
      return fact ? differencesOf(name, definition, fact) : []
    })
    return [...absent, ...differing]
  }

  /** Types that kinds of stable versions are made of. */
  function reachableTypes(types: Readonly<Record<string, TypeFact>>): Set<string> {
    const found = new Set<string>()
    const visit = (name: string) => {
      if (found.has(name)) return
      found.add(name)
      for (const field of Object.values(types[name]?.fields ?? {})) {
        for (const one of [field, field.items, field.values, field.values?.items]) if (one?.ref) visit(one.ref)
      }
    }
    const stable = new Set(
      published().items.flatMap(({ metadata, versions }) =>
        versions
          .filter(one => isStable(one.version))
          .flatMap(({ version, resources }) =>
            resources.map(({ responseKind }) => `${metadata.name ?? ''}/${version}/${responseKind.kind}`),
          ),
      ),
    )
    for (const [name, fact] of Object.entries(types)) {
      if (fact.gvk?.some(({ group, version, kind }) => stable.has(`${group}/${version}/${kind}`))) visit(name)
    }
    return found
  }
})

/** As APIResourceList has a resource and its subresources. */
function olderForm(resource: Resource): [string, unknown][] {
  const { responseKind, scope, singularResource, verbs, shortNames, categories, subresources = [] } = resource
  const namespaced = scope === 'Namespaced'
  const entry = { name: resource.resource, singularName: singularResource, namespaced, kind: responseKind.kind, verbs }
  const main: [string, unknown] = [resource.resource, { ...entry, ...(shortNames && { shortNames }), ...(categories && { categories }) }]
  return [
    main,
    ...subresources.map(({ subresource, responseKind: { group, version, kind }, verbs }): [string, unknown] => {
      const name = `${resource.resource}/${subresource}`
      // Named where it is another group's.
      const foreign = version !== '' && !(group === '' && version === 'v1')
      return [name, { name, singularName: '', namespaced, ...(foreign && { group, version }), kind, verbs }]
    }),
  ]
}

/** What is said differently, what is said only here, and what is not said here. */
function compareMaps(live: ReadonlyMap<string, unknown>, wanted: ReadonlyMap<string, unknown>): string[] {
  const missing = [...wanted.keys()].filter(name => !live.has(name))
  const differences = missing.map(name => `${name} is not served`)
  for (const [name, said] of live) {
    const other = wanted.get(name)
    if (other === undefined) differences.push(`${name} is not served upstream`)
    else if (canonical(said) !== canonical(other)) differences.push(`${name}: ${canonical(said)} instead of ${canonical(other)}`)
  }
  return differences
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)}}`
}
