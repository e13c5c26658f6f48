import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { methodNotAllowed, pathNotFound } from '../../apimachinery/api-errors.ts'
import { encodeProtobuf } from '../../apimachinery/codec/index.ts'
import type { ObjectNode } from '../../apimachinery/schema.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { MetricsRegistry } from '../../base/metrics.ts'
import type { Aggregation } from '../aggregation/index.ts'
import { answerText } from '../request/answer.ts'
import { headerOf } from '../request/authenticate.ts'
import { mediaTypes, negotiate, parseAccept } from '../request/negotiation.ts'
import type { ResourceCatalog } from '../resources.ts'
import type { ApiServerOptions, HttpAnswer, HttpRequest, VersionInfo } from '../types.ts'
import { aggregatedDiscovery } from './aggregated.ts'
import { type ServedGroup, servedGroups } from './groups.ts'
import { answerHealth, type HealthEndpoints } from './health.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions, type DiscoveryDocument } from './legacy.ts'
import { discoveryMessages } from './messages.ts'
import { createOpenApiDocuments, type SentDocument } from './openapi-documents.ts'
import { type RemoteGroup, remoteGroups, withoutRemote } from './remote-groups.ts'

/** What the server says about itself: every path that is not about a resource. */
export interface Documents {
  answer(request: Omit<HttpRequest, 'body'>, path: string, query: URLSearchParams): Promise<HttpAnswer>
}

export interface DocumentsOptions {
  readonly catalog: ResourceCatalog
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  readonly version: VersionInfo
  readonly health: HealthEndpoints
  /** What servers elsewhere answer for, to be shown as part of ours. */
  readonly aggregation?: Aggregation
  /** Further paths, given to the server. */
  readonly paths?: ApiServerOptions['paths']
}

const json = { 'content-type': 'application/json' }

export function createDocuments({
  catalog,
  clock,
  logger,
  metrics,
  version,
  health,
  aggregation,
  paths = {},
}: DocumentsOptions): Documents {
  const openApi = createOpenApiDocuments(catalog, clock, version.gitVersion, aggregation)
  const discovery = createDiscoveryCache(catalog, aggregation)

  const answerPath = async (request: Omit<HttpRequest, 'body'>, path: string, query: URLSearchParams): Promise<HttpAnswer | undefined> => {
    const [, first = '', ...rest] = path.split('/')
    switch (first) {
      case '':
        return rest.length > 0
          ? undefined
          : answerJson({ paths: [...allPaths(discovery.groups()), ...checkPaths(health), ...Object.keys(paths)].sort() })
      case 'version':
        return rest.length === 0 ? answerJson(version) : undefined
      case 'healthz':
      case 'livez':
      case 'readyz': {
        const single = rest.length > 0 ? rest.join('/') : undefined
        const log = (name: string, reason: string) => logger.warn(`check ${first} ${name}: ${reason}`)
        return answerHealth(first, single, health[first], query, log)
      }
      case 'metrics':
        return rest.length === 0
          ? { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: metrics.render() }
          : undefined
      case 'api':
      case 'apis':
        return answerDiscovery(discovery, request, first, rest)
      case 'openapi':
        return answerOpenApi(openApi, request, rest, query)
      default:
        return undefined
    }
  }

  return {
    async answer(request, asked, query) {
      // A slash at the end means nothing here; older clients put one behind each of these paths.
      const path = asked.replace(/([^/])\/$/, '$1')
      const answer = Object.hasOwn(paths, path) ? paths[path]?.() : await answerPath(request, path, query)
      if (!answer) throw pathNotFound()
      if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed({ group: '', resource: path }, request.method)
      return answer
    },
  }
}

interface DiscoveryCache {
  groups(): readonly ServedGroup[]
  remote(): readonly RemoteGroup[]
  text(
    key: string,
    make: (groups: readonly ServedGroup[], remote: readonly RemoteGroup[]) => object,
  ): { readonly body: string; readonly etag: string }
}

function createDiscoveryCache(catalog: ResourceCatalog, aggregation: Aggregation | undefined): DiscoveryCache {
  let generation = -1
  let remoteGeneration = -1
  let groups: readonly ServedGroup[] = []
  let remote: readonly RemoteGroup[] = []
  let texts = new Map<string, { body: string; etag: string }>()
  const refresh = () => {
    if (generation === catalog.generation && remoteGeneration === (aggregation?.generation ?? -1)) return
    generation = catalog.generation
    remoteGeneration = aggregation?.generation ?? -1
    const served = servedGroups(catalog.kinds)
    groups = aggregation ? withoutRemote(served, aggregation) : served
    remote = aggregation ? remoteGroups(aggregation) : []
    texts = new Map()
  }
  return {
    groups() {
      refresh()
      return groups
    },
    remote() {
      refresh()
      return remote
    },
    text(key, make) {
      refresh()
      let made = texts.get(key)
      if (!made) {
        const body = JSON.stringify(make(groups, remote))
        made = { body, etag: createHash('sha256').update(body).digest('hex').toUpperCase() }
        texts.set(key, made)
      }
      return made
    },
  }
}

function answerDiscovery(
  discovery: DiscoveryCache,
  request: Omit<HttpRequest, 'body'>,
  root: 'api' | 'apis',
  rest: readonly string[],
): HttpAnswer | undefined {
  const groups = discovery.groups()
  const remote = discovery.remote()
  if (rest.length === 0) {
    const aggregated = aggregatedVersion(headerOf(request, 'accept'))
    if (aggregated) return answerAggregated(discovery, request, root, aggregated)
    const host = headerOf(request, 'host') ?? ''
    return answerLegacy(request, root === 'api' ? apiVersions(groups, host) : apiGroupList(groups, remote))
  }
  const group = groups.find(one => one.group === (root === 'api' ? '' : rest[0]))
  const versionName = root === 'api' ? rest[0] : rest[1]
  if (root === 'apis' && rest.length === 1) {
    const found = remote.find(one => one.group === rest[0])
    if (found) return answerLegacy(request, apiGroup(group ?? { group: found.group, versions: [] }, found))
  }
  if (!group || rest.length > (root === 'api' ? 1 : 2)) return undefined
  if (versionName === undefined) return answerLegacy(request, apiGroup(group))
  const version = group.versions.find(one => one.version === versionName)
  return version && answerLegacy(request, apiResourceList(version))
}

function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    const json = type === 'application/json' || type === '*/*' || type === 'application/*'
    if (!json) continue
    if (parameters.as === undefined) return undefined
    const known = parameters.as === 'APIGroupDiscoveryList' && parameters.g === 'apidiscovery.k8s.io'
    if (known && (parameters.v === 'v2' || parameters.v === 'v2beta1')) return parameters.v
  }
  return undefined
}

function answerAggregated(
  discovery: DiscoveryCache,
  request: Omit<HttpRequest, 'body'>,
  root: 'api' | 'apis',
  version: string,
): HttpAnswer {
  const apiVersion = `apidiscovery.k8s.io/${version}`
  const { body, etag } = discovery.text(`${root} ${version}`, (groups, remote) =>
    aggregatedDiscovery(
      groups.filter(({ group }) => (root === 'api') === (group === '')),
      root === 'api' ? [] : remote,
      apiVersion,
    ),
  )
  const headers = {
    'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    etag: `"${etag}"`,
    vary: 'Accept',
    'cache-control': 'public',
  }
  return isUnchanged(request, etag) ? { status: 304, headers } : { status: 200, headers, body }
}

async function answerOpenApi(
  openApi: ReturnType<typeof createOpenApiDocuments>,
  request: Omit<HttpRequest, 'body'>,
  rest: readonly string[],
  query: URLSearchParams,
): Promise<HttpAnswer | undefined> {
  if (rest[0] === 'v2' && rest.length === 1) {
    const protobuf = (headerOf(request, 'accept') ?? '').includes('proto-openapi.spec.v2')
    const type = protobuf ? 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' : 'application/json'
    return answerCompressed(request, await openApi.version2(protobuf), { 'content-type': type, vary: 'Accept' })
  }
  if (rest[0] !== 'v3') return undefined
  if (rest.length === 1) return answerOpenApiIndex(request, await openApi.version3Index(), openApi.remoteVersion3())
  const path = rest.slice(1).join('/')
  const document = await openApi.version3(path)
  if (!document) return undefined
  const hash = query.get('hash')
  if (hash !== null && hash !== document.etag) {
    return { status: 301, headers: { location: `/openapi/v3/${path}?hash=${document.etag}`, ...json } }
  }
  // What is named by its own hash never changes.
  const caching: Readonly<Record<string, string>> =
    hash === null ? { 'cache-control': 'no-cache, private' } : { 'cache-control': 'public, immutable', expires: yearAhead }
  return answerCompressed(request, document, { ...json, vary: 'Accept', ...caching })
}

// Any time far enough ahead; clients go by `immutable`.
const yearAhead = 'Fri, 31 Dec 2099 23:59:59 GMT'

function answerOpenApiIndex(
  request: Omit<HttpRequest, 'body'>,
  hashes: ReadonlyMap<string, string>,
  remote: ReadonlyMap<string, string>,
): HttpAnswer {
  const local = [...hashes].map(([path, hash]) => [path, `/openapi/v3/${path}?hash=${hash}`] as const)
  const paths = Object.fromEntries([...local, ...remote].map(([path, serverRelativeURL]) => [path, { serverRelativeURL }]))
  const body = JSON.stringify({ paths })
  const etag = createHash('sha256').update(body).digest('hex').toUpperCase()
  const headers = { ...json, etag: `"${etag}"` }
  return isUnchanged(request, etag) ? { status: 304, headers } : { status: 200, headers, body }
}

function answerCompressed(
  request: Omit<HttpRequest, 'body'>,
  { body, etag }: SentDocument,
  headers: Readonly<Record<string, string>>,
): HttpAnswer {
  const all = { ...headers, etag: `"${etag}"` }
  if (isUnchanged(request, etag)) return { status: 304, headers: all }
  const accepted = (headerOf(request, 'accept-encoding') ?? '').includes('gzip')
  return accepted
    ? { status: 200, headers: { ...all, 'content-encoding': 'gzip' }, body }
    : { status: 200, headers: all, body: gunzipSync(body) }
}

const isUnchanged = (request: Omit<HttpRequest, 'body'>, etag: string): boolean =>
  (headerOf(request, 'if-none-match') ?? '').split(',').some(one => one.trim() === `"${etag}"`)

/** In the form that the client accepts, as an object is. */
function answerLegacy(request: Omit<HttpRequest, 'body'>, document: DiscoveryDocument): HttpAnswer {
  const negotiated = negotiate(headerOf(request, 'accept'), false, { protobuf: true, transforms: false })
  if (negotiated.media !== 'protobuf') return answerText(JSON.stringify(document), 200, negotiated)
  const { kind, apiVersion = '' } = document
  const body = encodeProtobuf(discoveryMessages[kind] as ObjectNode, document, apiVersion, kind)
  return { status: 200, headers: { 'content-type': mediaTypes.protobuf }, body }
}

const answerJson = (value: object): HttpAnswer => ({ status: 200, headers: json, body: JSON.stringify(value) })

const checkPaths = (health: HealthEndpoints): readonly string[] =>
  Object.entries(health).flatMap(([endpoint, checks]) => Object.keys(checks).map(name => `/${endpoint}/${name}`))

function allPaths(groups: readonly ServedGroup[]): readonly string[] {
  const served = groups.flatMap(({ group, versions }) =>
    group === ''
      ? ['/api', ...versions.map(({ version }) => `/api/${version}`)]
      : [`/apis/${group}`, ...versions.map(({ version }) => `/apis/${group}/${version}`)],
  )
  return [...served, '/apis', '/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version'].sort()
}
