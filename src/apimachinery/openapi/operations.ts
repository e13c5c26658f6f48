import type { Verb } from '../kind.ts'
import { DeleteOptions } from '../meta.ts'
import { APIResourceList, patchDefinition, Status, WatchEvent } from './common-types.ts'
import type { GroupVersionKind } from './document.ts'
import { capitalize, groupTitle, tagOf } from './naming.ts'
import {
  connectParameters,
  createParameters,
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  nameParameter,
  namespaceParameter,
  type Parameter,
  patchParameters,
  pathParameter,
  pretty,
  replaceParameters,
} from './parameters.ts'
import type { ServedKind, ServedSubresource } from './served-kind.ts'

/** What can be asked of a path, before it is written in either version of OpenAPI. */
export interface PathItem {
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly operations: Readonly<Partial<Record<Method, Operation>>>
}

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch'

export interface Operation {
  readonly id: string
  readonly tag: string
  readonly description: string
  /** `x-kubernetes-action`; absent for discovery. */
  readonly action?: string
  readonly groupVersionKind?: GroupVersionKind
  readonly parameters: readonly Parameter[]
  readonly body?: { readonly definition: string; readonly required: boolean; readonly mediaTypes: readonly string[] }
  readonly codes: readonly number[]
  /** The definition answered; absent for plain text and streams. */
  readonly answer?: string
  /** The forms of the answer, where they are not those of objects. */
  readonly mediaTypes?: readonly string[]
  /** Whether it can be a watch. */
  readonly streams: boolean
}

export const patchMediaTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
]

/** Custom kinds have no merge keys, and clients find out here. */
const customPatchMediaTypes = patchMediaTypes.filter(type => !type.includes('strategic'))

/** All paths of the kinds, and discovery of each group and version. */
export function pathItems(kinds: readonly ServedKind[]): PathItem[] {
  const discovery = new Map(kinds.map(kind => [rootOf(kind), discoveryItem(kind)]))
  return [
    ...discovery.values(),
    ...kinds.flatMap(kind => [...collectionItems(kind), itemOf(kind), ...subresourceItems(kind), ...watchItems(kind)]),
  ].filter(item => Object.keys(item.operations).length > 0)
}

const rootOf = ({ group, version }: GroupVersionKind): string => (group ? `/apis/${group}/${version}` : `/api/${version}`)

function discoveryItem(kind: ServedKind): PathItem {
  const id = `get${groupTitle(kind)}APIResources`
  const description = 'Lists the resources of this group and version.'
  const operation: Operation = {
    id,
    tag: tagOf(kind),
    description,
    parameters: [],
    codes: [200],
    answer: APIResourceList.name,
    streams: false,
  }
  return { path: `${rootOf(kind)}/`, parameters: [], operations: { get: operation } }
}

function collectionItems(kind: ServedKind): PathItem[] {
  const operations = only(kind.verbs, {
    list: ['get', listOperation(kind)],
    create: ['post', createOperation(kind)],
    deletecollection: ['delete', deleteCollectionOperation(kind)],
  })
  if (!kind.namespaced) return [{ path: `${rootOf(kind)}/${kind.resource}`, parameters: [pretty], operations }]
  const everywhere = only(kind.verbs, { list: ['get', listOperation(kind, true)] })
  return [
    { path: `${rootOf(kind)}/${kind.resource}`, parameters: [...listParameters, pretty], operations: withoutParameters(everywhere) },
    { path: `${rootOf(kind)}/namespaces/{namespace}/${kind.resource}`, parameters: [namespaceParameter, pretty], operations },
  ]
}

// On this path the parameters stand beside the operation, since there is only one.
const withoutParameters = (operations: PathItem['operations']): PathItem['operations'] =>
  operations.get ? { get: { ...operations.get, parameters: [] } } : {}

function itemOf(kind: ServedKind): PathItem {
  const scope = kind.namespaced ? [namespaceParameter] : []
  return {
    path: itemPath(kind),
    parameters: [nameParameter(kind.kind), ...scope, pretty],
    operations: only(kind.verbs, {
      get: ['get', readOperation(kind)],
      update: ['put', replaceOperation(kind)],
      patch: ['patch', patchOperation(kind)],
      delete: ['delete', deleteOperation(kind)],
    }),
  }
}

const itemPath = (kind: ServedKind): string => `${rootOf(kind)}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.resource}/{name}`

/** The old form of watches; some clients know no other. Custom kinds never had it published. */
function watchItems(kind: ServedKind): PathItem[] {
  if (kind.custom || !kind.verbs.includes('watch')) return []
  const item = (path: string, parameters: readonly Parameter[], action: string, subject: string): PathItem => ({
    path: `${rootOf(kind)}/watch/${path}`,
    parameters: [...parameters, ...listParameters, pretty],
    operations: { get: watchOperation(kind, action, subject) },
  })
  const { resource, kind: name } = kind
  if (!kind.namespaced)
    return [item(resource, [], 'watchlist', `${name}List`), item(`${resource}/{name}`, [nameParameter(name)], 'watch', name)]
  const path = `namespaces/{namespace}/${resource}`
  return [
    item(resource, [], 'watchlist', `${name}ListForAllNamespaces`),
    item(path, [namespaceParameter], 'watchlist', `Namespaced${name}List`),
    item(`${path}/{name}`, [nameParameter(name), namespaceParameter], 'watch', `Namespaced${name}`),
  ]
}

function subresourceItems(kind: ServedKind): PathItem[] {
  const scope = kind.namespaced ? [namespaceParameter] : []
  return kind.subresources.flatMap(subresource => {
    const path = `${itemPath(kind)}/${subresource.name}`
    const named = [nameParameter(subresource.kind), ...scope]
    if (!subresource.stream) return [{ path, parameters: [...named, pretty], operations: subresourceOperations(kind, subresource) }]
    const parameters = [...named, ...(connectParameters[subresource.name] ?? [])]
    const item = { path, parameters, operations: connectOperations(kind, subresource, '') }
    if (!subresource.whole) return [item]
    const below = [...parameters, pathParameter]
    return [item, { path: `${path}/{path}`, parameters: below, operations: connectOperations(kind, subresource, 'WithPath') }]
  })
}

function subresourceOperations(kind: ServedKind, subresource: ServedSubresource): PathItem['operations'] {
  return only(subresource.verbs, {
    get: ['get', readOperation(kind, subresource)],
    create: ['post', createOperation(kind, subresource)],
    update: ['put', replaceOperation(kind, subresource)],
    patch: ['patch', patchOperation(kind, subresource)],
  })
}

function connectOperations(kind: ServedKind, subresource: ServedSubresource, ending: string): PathItem['operations'] {
  const connect = (method: string): Operation => ({
    ...about(kind, subresource),
    id: `connect${groupTitle(kind)}${method}${subjectOf(kind, subresource)}${ending}`,
    description: `Connects to ${subresource.name} of a ${kind.kind}.`,
    action: 'connect',
    parameters: [],
    codes: [200],
    streams: false,
  })
  const operations = only(subresource.verbs, {
    get: ['get', connect('Get')],
    create: ['post', connect('Post')],
    update: ['put', connect('Put')],
    patch: ['patch', connect('Patch')],
    delete: ['delete', connect('Delete')],
  })
  // What is handed on whole is handed on with every method; no verb is called like these.
  return subresource.whole ? { ...operations, options: connect('Options'), head: connect('Head') } : operations
}

function only(verbs: readonly Verb[], table: Partial<Record<Verb, readonly [Method, Operation]>>): PathItem['operations'] {
  return Object.fromEntries(Object.entries(table).flatMap(([verb, entry]) => (verbs.includes(verb as Verb) ? [entry] : [])))
}

const listOperation = (kind: ServedKind, everywhere = false): Operation => ({
  ...about(kind),
  id: `list${groupTitle(kind)}${everywhere ? `${kind.kind}ForAllNamespaces` : subjectOf(kind)}`,
  description: `Lists or watches objects of kind ${kind.kind}.`,
  action: 'list',
  parameters: listParameters,
  codes: [200],
  answer: kind.listDefinition,
  streams: true,
})

const watchOperation = (kind: ServedKind, action: string, subject: string): Operation => ({
  ...about(kind),
  id: `watch${groupTitle(kind)}${subject}`,
  description: `Watches objects of kind ${kind.kind}. Deprecated: list with the watch parameter does the same.`,
  action,
  parameters: [],
  codes: [200],
  answer: WatchEvent.name,
  streams: true,
})

const createOperation = (kind: ServedKind, subresource?: ServedSubresource): Operation => ({
  ...about(kind, subresource),
  id: `create${groupTitle(kind)}${subjectOf(kind, subresource)}`,
  description: `Creates ${describeSubject(kind, subresource)}.`,
  action: 'post',
  parameters: createParameters,
  body: bodyOf(kind, subresource),
  codes: [200, 201, 202],
  answer: (subresource ?? kind).definition,
  streams: false,
})

const readOperation = (kind: ServedKind, subresource?: ServedSubresource): Operation => ({
  ...about(kind, subresource),
  id: `read${groupTitle(kind)}${subjectOf(kind, subresource)}`,
  description: `Reads ${describeSubject(kind, subresource)}.`,
  action: 'get',
  parameters: [],
  codes: [200],
  // Logs are text.
  answer: subresource?.name === 'log' ? undefined : (subresource ?? kind).definition,
  streams: false,
})

const replaceOperation = (kind: ServedKind, subresource?: ServedSubresource): Operation => ({
  ...about(kind, subresource),
  id: `replace${groupTitle(kind)}${subjectOf(kind, subresource)}`,
  description: `Replaces ${describeSubject(kind, subresource)}.`,
  action: 'put',
  parameters: replaceParameters,
  body: bodyOf(kind, subresource),
  codes: [200, 201],
  answer: (subresource ?? kind).definition,
  streams: false,
})

const patchOperation = (kind: ServedKind, subresource?: ServedSubresource): Operation => ({
  ...about(kind, subresource),
  id: `patch${groupTitle(kind)}${subjectOf(kind, subresource)}`,
  description: `Changes part of ${describeSubject(kind, subresource)}.`,
  action: 'patch',
  parameters: patchParameters,
  body: { definition: patchDefinition, required: true, mediaTypes: kind.custom ? customPatchMediaTypes : patchMediaTypes },
  codes: [200, 201],
  answer: (subresource ?? kind).definition,
  streams: false,
})

const deleteOptions = { definition: DeleteOptions.name as string, required: false, mediaTypes: ['*/*'] }

const deleteOperation = (kind: ServedKind): Operation => ({
  ...about(kind),
  id: `delete${groupTitle(kind)}${subjectOf(kind)}`,
  description: `Deletes ${describeSubject(kind)}.`,
  action: 'delete',
  parameters: deleteParameters,
  body: deleteOptions,
  codes: [200, 202],
  answer: kind.answersDeletionWithObject ? kind.definition : Status.name,
  streams: false,
})

const deleteCollectionOperation = (kind: ServedKind): Operation => ({
  ...about(kind),
  id: `delete${groupTitle(kind)}Collection${subjectOf(kind)}`,
  description: `Deletes a collection of ${kind.kind} objects.`,
  action: 'deletecollection',
  parameters: deleteCollectionParameters,
  body: deleteOptions,
  codes: [200],
  answer: Status.name,
  streams: false,
})

const bodyOf = (kind: ServedKind, subresource?: ServedSubresource) => ({
  definition: (subresource ?? kind).definition,
  required: true,
  mediaTypes: ['*/*'],
})

function about(kind: ServedKind, subresource?: ServedSubresource): { tag: string; groupVersionKind: GroupVersionKind } {
  const { group, version, kind: name } = subresource ?? kind
  return { tag: tagOf(kind), groupVersionKind: { group, kind: name, version } }
}

const describeSubject = (kind: ServedKind, subresource?: ServedSubresource): string =>
  subresource ? `${subresource.name} of a ${kind.kind}` : `a ${kind.kind}`

/** `NamespacedPodStatus` */
const subjectOf = (kind: ServedKind, subresource?: ServedSubresource): string =>
  `${kind.namespaced ? 'Namespaced' : ''}${kind.kind}${subresource ? capitalize(subresource.name) : ''}`
