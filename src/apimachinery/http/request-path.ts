import type { ApiCall, CallOptions, ResourceName } from '../connection.ts'

/** `/apis/apps/v1/namespaces/default/deployments/web/status?dryRun=All` */
export function requestPath({ resource, namespace, name, subresource, verb, options }: ApiCall): string {
  const path = [
    ...groupVersion(resource),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    resource.resource,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  const query = queryOf(verb, options ?? {}).toString()
  return `/${path.map(encodeURIComponent).join('/')}${query && `?${query}`}`
}

const groupVersion = ({ group, version }: ResourceName) => (group ? ['apis', group, version] : ['api', version])

function queryOf(verb: ApiCall['verb'], options: CallOptions): URLSearchParams {
  const query = new URLSearchParams()
  if (verb === 'watch') query.set('watch', 'true')
  const set = (key: string, value: string | number | boolean | undefined) => {
    if (value !== undefined && value !== '') query.set(key, String(value))
  }
  set('labelSelector', options.labelSelector)
  set('fieldSelector', options.fieldSelector)
  set('limit', options.limit)
  set('continue', options.continue)
  set('resourceVersion', options.resourceVersion)
  set('resourceVersionMatch', options.resourceVersionMatch)
  set('allowWatchBookmarks', options.allowWatchBookmarks)
  set('sendInitialEvents', options.sendInitialEvents)
  set('timeoutSeconds', options.timeoutSeconds)
  set('fieldManager', options.fieldManager)
  set('fieldValidation', options.fieldValidation)
  set('force', options.force)
  if (options.dryRun) set('dryRun', 'All')
  return query
}

export const httpMethod: Readonly<Record<ApiCall['verb'], string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
}

export const patchContentTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML, and so accepted by servers older than the CBOR and JSON forms.
  apply: 'application/apply-patch+yaml',
}

/** The body to send, with its content type. Deletions carry their DeleteOptions. */
export function requestBody({
  verb,
  body,
  patchType,
  options = {},
}: ApiCall): { readonly type: string; readonly text: string } | undefined {
  switch (verb) {
    case 'create':
    case 'update':
      return { type: 'application/json', text: JSON.stringify(body) }
    case 'patch':
      return { type: patchContentTypes[patchType ?? 'merge'], text: JSON.stringify(body) }
    case 'delete':
    case 'deletecollection': {
      const { gracePeriodSeconds, propagationPolicy, preconditions } = options
      const dryRun = options.dryRun ? ['All'] : undefined
      return {
        type: 'application/json',
        text: JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds, propagationPolicy, preconditions, dryRun }),
      }
    }
    default:
      return undefined
  }
}
