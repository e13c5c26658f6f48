import { badRequest, serviceUnavailable } from '../../apimachinery/api-errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import { unreachable } from '../nodes/refusal.ts'
import { CallError, type Destination, type Outgoing, urlOf } from '../outgoing/index.ts'
import type { HttpAnswer, HttpRequest, SubresourceHandler, SubresourceRequest } from '../types.ts'
import { type Forwarded, forward } from './forward.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { forwardedHeaders, forwardedUpgradeHeaders } from './headers.ts'
import { locateNode } from './node-location.ts'
import { type Location, locatePod } from './pod-location.ts'
import { rewrittenAnswer } from './rewrite.ts'
import { locateService } from './service-location.ts'

export interface ProxyOptions {
  readonly outgoing: Outgoing
  readonly random: Random
  readonly logger: Logger
  /** PEM; with what the API server shows itself to kubelets. */
  readonly clientCertificate: { readonly certificate: string; readonly key: string }
  /** PEM; who signs the certificates of kubelets. */
  readonly certificateAuthority: string
  /** Throws where what is on a node can't be reached, as on a simulated one. */
  readonly checkReachable?: (request: SubresourceRequest, nodeName: string) => void
}

/** The proxy subresources: to whatever answers at a pod, behind a service or on a node. */
export function proxyHandlers(options: ProxyOptions): Readonly<Record<string, SubresourceHandler>> {
  const { random, clientCertificate, certificateAuthority } = options
  const locate = (found: Location, request: SubresourceRequest): Location => {
    if (found.nodeName !== undefined) options.checkReachable?.(request, found.nodeName)
    return found
  }
  // What answers in a pod has a certificate that nobody here can check: upstream does not either.
  const anybody = (location: Location): Destination => ({ at: { url: urlOf(location.scheme, location) }, skipVerification: true })
  return {
    podproxy: createHandler(options, request => anybody(locate(locatePod(request), request))),
    serviceproxy: createHandler(options, request => anybody(locate(locateService(request, random), request))),
    nodeproxy: createHandler(options, request => {
      const location = locateNode(request)
      locate(location, request)
      return location.isKubelet
        ? { at: { url: urlOf(location.scheme, location) }, certificateAuthority, clientCertificate }
        : anybody(location)
    }),
  }
}

function createHandler({ outgoing, logger }: ProxyOptions, locate: (request: SubresourceRequest) => Destination): SubresourceHandler {
  return {
    async handle(request) {
      const { http, rest } = request
      if (!http) throw badRequest('proxied requests are answered over HTTP only')
      const destination = locate(request)
      if (rest === '' && (http.method === 'GET' || http.method === 'HEAD')) return { answer: withSlash(http) }
      const prefix = prefixOf(http.url, rest)
      const headers = { ...forwardedHeaders(http.headers), 'x-forwarded-uri': prefix + rest }
      const answer = await forward(outgoing, http, place(destination, http, rest, headers)).catch(error => {
        if (error instanceof CallError) throw serviceUnavailable(`error trying to reach service: ${error.detail}`)
        throw unreachable('proxy a request', error)
      })
      return { answer: rewrittenAnswer(answer, prefix, headers.host) }
    },
    async upgrade(request, upgrade) {
      const { rest } = request
      const destination = locate(request)
      const headers = forwardedUpgradeHeaders(upgrade.request.headers)
      await forwardUpgrade(outgoing, upgrade, place(destination, upgrade.request, rest, headers), logger).catch(error => {
        throw unreachable('error dialing backend', error)
      })
    },
  }
}

type Http = Pick<HttpRequest, 'url'>

const place = (destination: Destination, { url }: Http, rest: string, headers: Forwarded['headers']): Forwarded => {
  const mark = url.indexOf('?')
  return { destination, path: `${rest || '/'}${mark < 0 ? '' : url.slice(mark)}`, headers }
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

/** `/api/v1/namespaces/shop/pods/web/proxy`: what stands before the path at the other side. */
const prefixOf = (url: string, rest: string): string => {
  const path = pathOf(url)
  return path.slice(0, path.length - rest.length)
}

/** Without the slash, relative links of what is shown would lead beside it. */
function withSlash({ url }: Http): HttpAnswer {
  const mark = url.indexOf('?')
  const location = mark < 0 ? `${url}/` : `${url.slice(0, mark)}/${url.slice(mark)}`
  return { status: 301, headers: { location } }
}
