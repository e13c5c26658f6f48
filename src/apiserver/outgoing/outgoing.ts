import { type ClientRequest, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import { CallError, failureText, type SystemError } from './failure.ts'
import { limits } from './limits.ts'
import { readWhole } from './read-whole.ts'
import type { Address } from './resolve-service.ts'
import { createTrustTable, type Trust, type TrustTable } from './trust.ts'
import type { Destination, Outgoing, OutgoingAnswer, OutgoingRequest, OutgoingStream, OutgoingUpgrade, ServiceReference } from './types.ts'
import { formatAddress } from './url.ts'

export interface OutgoingOptions {
  readonly clock: Clock
  /** Where a service is answered now; throws where it is not. */
  readonly resolve: (service: ServiceReference) => Address
}

interface Room extends OutgoingOptions {
  readonly trusts: TrustTable
}

export function createOutgoing(options: OutgoingOptions): Outgoing {
  const room: Room = { ...options, trusts: createTrustTable() }
  return {
    call: (destination, request) => call(room, destination, request),
    stream: (destination, request) => stream(room, destination, request),
    upgrade: (destination, request) => upgrade(room, destination, request),
    close: () => room.trusts.close(),
  }
}

async function call(room: Room, destination: Destination, request: OutgoingRequest): Promise<OutgoingAnswer> {
  const { signal, body, timeout_ms = limits.call_ms, maximumBytes = limits.answerBytes } = request
  const route = findRoute(room, destination, request.method, request.path)
  const ended = new AbortController()
  const timer = room.clock.setTimer(timeout_ms, () => ended.abort(new CallError(route.attempt, deadlineExceeded, { timedOut: true })))
  const bounded = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
  const exchange = async () => {
    const answer = await open(room, route, { ...request, signal: bounded }, outgoing => void outgoing.end(body), true)
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await readWhole(answer, maximumBytes, bounded) }
  }
  try {
    return await exchange().catch(error => (isStaleConnection(error) ? exchange() : Promise.reject(error)))
  } catch (error) {
    if (ended.signal.aborted) throw ended.signal.reason
    throw asCallError(error, route, signal)
  } finally {
    timer.cancel()
  }
}

async function stream(room: Room, destination: Destination, request: OutgoingStream): Promise<IncomingMessage> {
  const route = findRoute(room, destination, request.method, request.path)
  const { body, signal } = request
  try {
    return await open(room, route, request, outgoing => {
      if (!body) return void outgoing.end()
      body.on('error', error => outgoing.destroy(error))
      body.pipe(outgoing)
    })
  } catch (error) {
    throw asCallError(error, route, signal)
  }
}

function upgrade(room: Room, destination: Destination, request: Omit<OutgoingStream, 'body'>): Promise<OutgoingUpgrade> {
  const route = findRoute(room, destination, request.method, request.path)
  return new Promise((resolve, reject) => {
    send(room, route, request, false)
      .on('upgrade', (answer, socket, head) => resolve({ type: 'switched', answer, socket, head }))
      .on('response', answer => resolve({ type: 'refused', answer }))
      .on('error', error => reject(asCallError(error, route, request.signal)))
      .end()
  })
}

const deadlineExceeded = 'context deadline exceeded'

/** Where a request goes, settled before anything is sent. */
interface Route {
  readonly destination: Destination
  readonly secure: boolean
  readonly address: Address
  /** As in the URL: `web.shop.svc:443`. */
  readonly authority: string
  /** Whom the certificate must name. */
  readonly serverName: string
  readonly path: string
  /** `Post "https://web.shop.svc:443/review"`, as errors begin. */
  readonly attempt: string
}

function findRoute({ resolve }: Room, destination: Destination, method: string, path = ''): Route {
  const { at } = destination
  const name = method[0]?.toUpperCase() + method.slice(1).toLowerCase()
  if ('service' in at) {
    const { service } = at
    const serverName = destination.serverName ?? `${service.name}.${service.namespace}.svc`
    const authority = `${serverName}:${service.port}`
    const whole = joinPaths(at.path ?? '', path)
    const attempt = `${name} ${JSON.stringify(`https://${authority}${whole}`)}`
    try {
      return { destination, secure: true, address: resolve(service), authority, serverName, path: whole, attempt }
    } catch (error) {
      throw new CallError(attempt, error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
  const url = new URL(at.url)
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const whole = joinPaths(url.pathname === '/' ? '' : url.pathname, path)
  const address = { host, port: Number(url.port) || (secure ? 443 : 80) }
  const attempt = `${name} ${JSON.stringify(`${url.protocol}//${url.host}${whole}`)}`
  return { destination, secure, address, authority: url.host, serverName: destination.serverName ?? host, path: whole, attempt }
}

// A path of the request's own begins with a slash; a query follows the destination's path as it is.
function joinPaths(base: string, path: string): string {
  const prefix = base === '' || base.startsWith('/') ? base : `/${base}`
  if (path.startsWith('/')) return `${prefix.replace(/\/$/, '')}${path}`
  return `${prefix || '/'}${path}`
}

type Sendable = Pick<OutgoingStream, 'method' | 'headers' | 'signal'>

function open(
  room: Room,
  route: Route,
  request: Sendable,
  sendBody: (outgoing: ClientRequest) => void,
  keepAlive = false,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = send(room, route, request, keepAlive)
    outgoing.on('response', resolve).on('error', error => reject(Object.assign(error, { reusedSocket: outgoing.reusedSocket })))
    sendBody(outgoing)
  })
}

/** What lasts gets a connection of its own: it must not keep short calls waiting, and ends with what it carries. */
function send({ clock, trusts }: Room, route: Route, { method, headers, signal }: Sendable, keepAlive: boolean): ClientRequest {
  const { destination, secure, address, serverName, path } = route
  const common = { host: address.host, port: address.port, method, path, headers: headersOf(route, headers), setHost: false, signal }
  const trust = secure ? trusts.of(destination) : undefined
  const secureOptions = ({ agent, secureContext }: Trust): RequestOptions & ConnectionOptions => ({
    ...common,
    agent: keepAlive && agent,
    secureContext,
    // Addresses are compared with the certificate, but not sent as a server name.
    servername: isIP(serverName) ? '' : serverName,
    rejectUnauthorized: destination.skipVerification !== true,
  })
  const outgoing = trust ? httpsRequest(secureOptions(trust)) : httpRequest({ ...common, agent: keepAlive && trusts.plain })
  giveUpConnecting(outgoing, clock, formatAddress(address), secure ? 'secureConnect' : 'connect')
  return outgoing
}

function headersOf({ authority, destination }: Route, headers: OutgoingHttpHeaders | undefined): OutgoingHttpHeaders {
  const { bearerToken } = destination
  return { host: authority, ...(bearerToken !== undefined && { authorization: `Bearer ${bearerToken}` }), ...headers }
}

/** A machine that is off answers nothing, not even a refusal. */
function giveUpConnecting(outgoing: ClientRequest, clock: Clock, address: string, connected: 'connect' | 'secureConnect'): void {
  const timer = clock.setTimer(limits.connect_ms, () => outgoing.destroy(new Error(`dial tcp ${address}: i/o timeout`)))
  outgoing.on('close', () => timer.cancel())
  outgoing.on('socket', socket => {
    if (outgoing.reusedSocket) timer.cancel()
    else socket.once(connected, () => timer.cancel())
  })
}

/** The other side closed a kept connection at the moment that we took it: nothing was read, and a new one may do. */
const isStaleConnection = (error: unknown): boolean =>
  error instanceof Error && 'reusedSocket' in error && error.reusedSocket === true && 'code' in error && error.code === 'ECONNRESET'

function asCallError(error: unknown, route: Route, signal: AbortSignal | undefined): CallError {
  if (error instanceof CallError) return error
  if (signal?.aborted) return new CallError(route.attempt, 'context canceled', { cause: signal.reason })
  const failure = error as SystemError
  return new CallError(route.attempt, failureText(failure, formatAddress(route.address), route.serverName), { cause: error })
}
