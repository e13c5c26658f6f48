import { StatusError } from '../../apimachinery/api-errors.ts'
import type { ApiService } from '../../apis/apiregistration/api-service.ts'
import { CallError, type Outgoing, type OutgoingAnswer, resolveService, type ServiceView, viewService } from '../outgoing/index.ts'
import type { StoredObjects } from '../types.ts'
import { type RemoteDescription, readResources } from './description.ts'
import { identityHeaders } from './identity-headers.ts'
import { limits } from './limits.ts'
import type { RemoteGroupVersion } from './remote.ts'

/** What the Available condition says. */
export interface Availability {
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

export const local: Availability = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' }

const passed: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' }
const failed = (reason: string, message: string): Availability => ({ status: 'False', reason, message })

/** What keeps a service from answering, as far as its objects tell; undefined if nothing does. */
export function serviceProblem({ spec }: ApiService, view: ServiceView): Availability | undefined {
  const { namespace = '', name = '', port = 443 } = spec?.service ?? {}
  const which = `service/${name} in ${JSON.stringify(namespace)}`
  const { service } = view
  if (!service) return failed('ServiceNotFound', `${which} is not present`)
  if (service.spec?.type === 'ExternalName') return undefined
  if (!service.spec?.ports?.some(one => one.port === port)) return failed('ServicePortError', `${which} is not listening on port ${port}`)
  if (view.slices.length === 0 && !view.endpoints) return failed('EndpointsNotFound', `cannot find endpointslices for ${which}`)
  try {
    resolveService(view, name, port)
    return undefined
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return failed(
      'MissingEndpoints',
      `endpointslices for ${which} have no addresses with port name ${JSON.stringify(portName(view, port))}`,
    )
  }
}

const portName = ({ service }: ServiceView, port: number): string => service?.spec?.ports?.find(one => one.port === port)?.name ?? ''

export interface Checked {
  readonly availability: Availability
  readonly description?: RemoteDescription
}

/** Asks a server for what it has: that it answers is the proof that it is there. */
export async function checkRemote(
  outgoing: Outgoing,
  objects: StoredObjects,
  apiService: ApiService,
  remote: RemoteGroupVersion,
  signal: AbortSignal,
): Promise<Checked> {
  const { namespace = '', name = '' } = apiService.spec?.service ?? {}
  const problem = serviceProblem(apiService, viewService(objects, namespace, name))
  if (problem) return { availability: problem }
  const path = `/apis/${remote.group}/${remote.version}`
  const get = (at: string): Promise<OutgoingAnswer> =>
    outgoing.call(remote.destination, {
      method: 'GET',
      path: at,
      headers: { accept: 'application/json', ...identityHeaders(checker) },
      timeout_ms: limits.check_ms,
      signal,
    })
  try {
    const { status, body } = await get(path)
    const url = urlOf(remote, path)
    if (status < 200 || status > 299)
      return { availability: failed('FailedDiscoveryCheck', `failing or missing response from ${url}: bad status from ${url}: ${status}`) }
    const openApiV3 = await findOpenApi(() => get('/openapi/v3'), remote)
    return { availability: passed, description: { resources: readResources(parse(body)) ?? [], ...(openApiV3 && { openApiV3 }) } }
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    return { availability: failed('FailedDiscoveryCheck', `failing or missing response from ${urlOf(remote, path)}: ${error.message}`) }
  }
}

const checker = { name: 'system:kube-aggregator', groups: ['system:masters'] }

function urlOf({ destination: { at } }: RemoteGroupVersion, path: string): string {
  if (!('service' in at)) return `${at.url}${path}`
  const { name, namespace, port } = at.service
  return `https://${name}.${namespace}.svc:${port}${path}`
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Not every server describes itself; without it, only explain and validation by clients know less. */
async function findOpenApi(get: () => Promise<OutgoingAnswer>, { group, version }: RemoteGroupVersion): Promise<string | undefined> {
  const answer = await get().catch(() => undefined)
  if (answer?.status !== 200) return undefined
  const index = parse(answer.body) as { paths?: Record<string, { serverRelativeURL?: unknown }> } | undefined
  const url = index?.paths?.[`apis/${group}/${version}`]?.serverRelativeURL
  return typeof url === 'string' && url.startsWith('/openapi/v3/') ? url : undefined
}
