/** What a URL's path names. Resource fields are empty where the path is not about a resource. */
export interface PathTarget {
  readonly path: string
  readonly isResourceRequest: boolean
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly name: string
  readonly subresource: string
  /** What follows the subresource, for proxies: as it was sent, with its slash. */
  readonly rest: string
  /** The old form `/api/v1/watch/...`. */
  readonly watchPrefix: boolean
}

/** Subresources of a namespace itself; any other word behind a namespace's name is a resource in it. */
const namespaceSubresources = new Set(['status', 'finalize'])

export function parsePath(path: string): PathTarget {
  const parts = path.split('/')
  const first = parts[1]
  if (first === 'api' && parts.length > 3 && parts[3] !== '') return parseResourcePath(path, '', parts[2] ?? '', parts.slice(3))
  if (first === 'apis' && parts.length > 4 && parts[4] !== '')
    return parseResourcePath(path, parts[2] ?? '', parts[3] ?? '', parts.slice(4))
  return {
    path,
    isResourceRequest: false,
    group: '',
    version: '',
    namespace: '',
    resource: '',
    name: '',
    subresource: '',
    rest: '',
    watchPrefix: false,
  }
}

function parseResourcePath(path: string, group: string, version: string, segments: readonly string[]): PathTarget {
  const watchPrefix = segments[0] === 'watch' && segments.length > 1
  let rest = (watchPrefix ? segments.slice(1) : segments).map(decodeSegment)
  if (rest.at(-1) === '') rest = rest.slice(0, -1)
  let namespace = ''
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] ?? ''
    if (rest.length > 2 && !namespaceSubresources.has(rest[2] ?? '')) rest = rest.slice(2)
  }
  return {
    path,
    isResourceRequest: true,
    group: decodeSegment(group),
    version: decodeSegment(version),
    namespace,
    resource: rest[0] ?? '',
    name: rest[1] ?? '',
    subresource: rest[2] ?? '',
    rest: restOf(path, segments, namespace !== '' && rest[0] !== 'namespaces', watchPrefix),
    watchPrefix,
  }
}

/** A slash behind a resource or name means nothing, but behind a subresource it is the root of what is proxied. */
function restOf(path: string, segments: readonly string[], namespaced: boolean, watchPrefix: boolean): string {
  const consumed = 3 + (namespaced ? 2 : 0) + (watchPrefix ? 1 : 0)
  if (segments.length <= consumed) return ''
  const length = segments.slice(consumed).reduce((sum, segment) => sum + segment.length + 1, 0)
  return path.slice(path.length - length)
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    // A segment that is no valid encoding names nothing; as it stands it will not be found.
    return segment
  }
}
