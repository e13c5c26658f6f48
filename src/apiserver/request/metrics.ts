import type { RequestAttributes } from '../../apimachinery/request.ts'
import type { Clock } from '../../base/clock.ts'
import type { Labels, MetricsRegistry } from '../../base/metrics.ts'
import type { ResourceCatalog } from '../resources.ts'
import type { InflightRequests } from './inflight.ts'

/** Counts and times requests under upstream's metric names. */
export interface RequestMetrics {
  /** Called when a request arrives; what it returns is called with the status of its answer. */
  begin(attributes: RequestAttributes, query: URLSearchParams): (status: number) => void
}

// Upstream's buckets, in seconds.
const durationBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

export function createRequestMetrics(
  metrics: MetricsRegistry,
  clock: Clock,
  inflight: InflightRequests,
  catalog: ResourceCatalog,
): RequestMetrics {
  const total = metrics.counter(
    'apiserver_request_total',
    'Counter of apiserver requests by verb, group, version, resource, scope and code.',
  )
  const duration = metrics.histogram('apiserver_request_duration_seconds', 'Response latency distribution in seconds.', durationBuckets)
  const underWay = metrics.gauge('apiserver_current_inflight_requests', 'Requests under way, by whether they write.', () => {
    underWay.set(inflight.reads, readOnly)
    underWay.set(inflight.writes, mutating)
    return undefined
  })
  metrics.gauge('apiserver_longrunning_requests', 'Watches under way.', () => inflight.watches)
  const seriesOf = createSeries(catalog)
  return {
    begin(attributes, query) {
      const started = clock.monotonic()
      return status => {
        const { labels, withCode } = seriesOf(attributes, query)
        total.add(withCode(status))
        if (attributes.verb !== 'watch') duration.observe((clock.monotonic() - started) / 1000, labels)
      }
    },
  }
}

const readOnly = { request_kind: 'readOnly' }
const mutating = { request_kind: 'mutating' }

interface Series {
  readonly labels: Labels
  readonly withCode: (code: number) => Labels
}

/** The label objects of each kind of request, made once: their number is bounded by what is served. */
function createSeries(catalog: ResourceCatalog): (attributes: RequestAttributes, query: URLSearchParams) => Series {
  const known = new Map<string, Series>()
  const unknown = seriesWith(unknownLabels)
  return (attributes, query) => {
    if (!isServed(catalog, attributes)) return unknown
    const { verb, group, version, resource, subresource } = attributes
    const dryRun = query.get('dryRun') === 'All'
    const key = `${verb} ${group}/${version}/${resource}/${subresource} ${scopeOf(attributes)} ${dryRun}`
    let series = known.get(key)
    if (!series) {
      series = seriesWith(labelsOf(attributes, dryRun))
      known.set(key, series)
    }
    return series
  }
}

function seriesWith(labels: Labels): Series {
  const byCode = new Map<number, Labels>()
  return {
    labels,
    withCode(code) {
      let coded = byCode.get(code)
      if (!coded) {
        coded = { ...labels, code: String(code) }
        byCode.set(code, coded)
      }
      return coded
    },
  }
}

// Names that nobody serves are the client's invention and must not make series of their own.
const unknownLabels = {
  verb: 'OTHER',
  group: '',
  version: '',
  resource: '',
  subresource: '',
  scope: '',
  component: 'apiserver',
  dry_run: '',
}

function isServed(
  catalog: ResourceCatalog,
  { isResourceRequest, verb, group, version, resource, subresource }: RequestAttributes,
): boolean {
  if (!isResourceRequest) return verb === 'get' || verb === 'head' || verb === 'post'
  const found = catalog.find(group, version, resource)
  return found !== undefined && (subresource === '' || found.kind.subresources[subresource] !== undefined)
}

function labelsOf(attributes: RequestAttributes, dryRun: boolean): Labels {
  const { verb, group, version, resource, subresource, isResourceRequest } = attributes
  return {
    verb: isResourceRequest ? (metricVerbs[verb] ?? 'OTHER') : verb.toUpperCase(),
    group,
    version,
    resource,
    subresource,
    scope: scopeOf(attributes),
    component: 'apiserver',
    dry_run: dryRun ? 'All' : '',
  }
}

const metricVerbs: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
}

function scopeOf({ isResourceRequest, name, namespace, verb }: RequestAttributes): string {
  if (!isResourceRequest) return ''
  if (name !== '' || verb === 'create') return 'resource'
  return namespace === '' ? 'cluster' : 'namespace'
}
