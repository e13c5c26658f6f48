import type { IncomingMessage } from 'node:http'
import type { ApiCall, ResourceName, ResourceView, WatchEvent } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { UserInfo } from '../../apimachinery/request.ts'
import type { ApiService } from '../../apis/apiregistration/api-service.ts'
import type { Logger } from '../../base/logger.ts'
import { CallError, type Outgoing } from '../outgoing/index.ts'
import { answerAs, forward, forwardedHeaders, forwardedUpgradeHeaders, forwardUpgrade } from '../proxy/index.ts'
import type { HttpAnswer, HttpRequest, HttpUpgrade } from '../types.ts'
import type { RemoteDescription } from './description.ts'
import { createExtensionKinds, type ExtensionKinds } from './extension-kinds.ts'
import { identityHeaders } from './identity-headers.ts'
import { limits } from './limits.ts'
import { createRemoteTable, type RemoteGroupVersion, type RemoteTable } from './remote.ts'
import { callRemote, watchRemote } from './remote-calls.ts'

export interface AggregationOptions {
  readonly outgoing: Outgoing
  readonly logger: Logger
  /** With what the API server shows itself to extension servers, so that they believe whom it says it speaks for. */
  readonly clientCertificate: { readonly certificate: string; readonly key: string }
}

/** What servers elsewhere answer for, as requests and documents need it. */
export interface Aggregation {
  /** Moves whenever what is served elsewhere, or what is known of it, changes. */
  readonly generation: number
  readonly remotes: readonly RemoteGroupVersion[]
  /** What a server said of itself when it was asked last. */
  describe(name: string): RemoteDescription | undefined
  setDescription(name: string, description: RemoteDescription | undefined): void
  /** Who answers a path, where it is a server elsewhere. Costs next to nothing where there are none. */
  find(path: string): RemoteGroupVersion | undefined
  answer(remote: RemoteGroupVersion, request: HttpRequest, user: UserInfo): Promise<HttpAnswer>
  upgrade(remote: RemoteGroupVersion, upgrade: HttpUpgrade, user: UserInfo): Promise<void>
  /** Who answers calls about a resource, where it is a server elsewhere. */
  findResource(resource: ResourceName): RemoteGroupVersion | undefined
  /** A call of this process, in the name of a user who may make it. */
  call(remote: RemoteGroupVersion, call: ApiCall, user: UserInfo): Promise<KubernetesObject>
  watch(remote: RemoteGroupVersion, call: ApiCall, user: UserInfo, signal: AbortSignal): AsyncGenerator<WatchEvent, void, undefined>
  /** What these servers have. */
  extensionKinds(): ExtensionKinds
  /** Called after what is served elsewhere, or what is known of it, has changed. */
  onChanged(listener: () => void): () => void
  /** The server's own OpenAPI v2 document; undefined where it has none that can be read. */
  readOpenApi(remote: RemoteGroupVersion): Promise<unknown>
  /** Follows the stored APIServices from now on; before that, there are none. */
  attach(apiServices: ResourceView): void
  close(): void
}

export function createAggregation({ outgoing, logger, clientCertificate }: AggregationOptions): Aggregation {
  let generation = 0
  let view: ResourceView | undefined
  let table: RemoteTable | undefined
  let stop: (() => void) | undefined
  const descriptions = new Map<string, RemoteDescription>()
  const listeners = new Set<() => void>()
  const extensionKinds = createExtensionKinds()
  const changed = () => {
    generation++
    for (const listener of listeners) listener()
  }
  const current = (): RemoteTable => {
    table ??= createRemoteTable((view?.list() ?? []) as readonly ApiService[], clientCertificate)
    return table
  }
  return {
    get generation() {
      return generation
    },
    get remotes() {
      return current().all
    },
    describe: name => descriptions.get(name),
    setDescription(name, description) {
      if (JSON.stringify(descriptions.get(name)) === JSON.stringify(description)) return
      if (description) descriptions.set(name, description)
      else descriptions.delete(name)
      changed()
    },
    find: path => current().find(path),
    findResource: ({ group, version }) =>
      group === '' || current().all.length === 0 ? undefined : current().find(`/apis/${group}/${version}`),
    call: (remote, call, user) => callRemote(outgoing, remote, call, user),
    watch: (remote, call, user, signal) => watchRemote(outgoing, remote, call, user, signal),
    extensionKinds: () => extensionKinds(current().all, name => descriptions.get(name)),
    onChanged(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    answer: (remote, request, user) => answerFor(outgoing, remote, request, user),
    async upgrade(remote, upgrade, user) {
      if (!remote.isAvailable) return refuse(upgrade, 503, unavailable)
      const headers = { ...withoutHost(forwardedUpgradeHeaders(upgrade.request.headers)), ...identityHeaders(user) }
      const { destination } = remote
      await forwardUpgrade(outgoing, upgrade, { destination, path: upgrade.request.url, headers }, logger).catch(error => {
        if (!(error instanceof CallError)) throw error
        refuse(upgrade, 503, `error trying to reach service: ${error.detail}`)
      })
    },
    readOpenApi: remote => readOpenApi(outgoing, remote, logger),
    attach(apiServices) {
      const moved = () => {
        table = undefined
        changed()
      }
      view = apiServices
      moved()
      stop = apiServices.subscribe(change => {
        if (!change.new) descriptions.delete(change.old?.metadata.name ?? '')
        moved()
      })
    },
    close: () => stop?.(),
  }
}

const unavailable = 'service unavailable'

async function answerFor(outgoing: Outgoing, remote: RemoteGroupVersion, request: HttpRequest, user: UserInfo): Promise<HttpAnswer> {
  if (!remote.isAvailable) return plain(503, unavailable)
  const headers = { ...withoutHost(forwardedHeaders(request.headers)), ...identityHeaders(user) }
  try {
    const answer = await forward(outgoing, request, { destination: remote.destination, path: request.url, headers })
    return isRedirect(answer) ? refuseRedirect(answer) : answerAs(answer)
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    return plain(503, `error trying to reach service: ${error.detail}`)
  }
}

async function readOpenApi(outgoing: Outgoing, remote: RemoteGroupVersion, logger: Logger): Promise<unknown> {
  const headers = { accept: 'application/json', ...identityHeaders(reader) }
  const bounds = { timeout_ms: limits.check_ms, maximumBytes: limits.openApiBytes }
  try {
    const { status, body } = await outgoing.call(remote.destination, { method: 'GET', path: '/openapi/v2', headers, ...bounds })
    return status === 200 ? JSON.parse(body.toString('utf8')) : undefined
  } catch (error) {
    logger.debug(`read the OpenAPI document of ${remote.name}: failed, ours is shown without it`, { error })
    return undefined
  }
}

const reader: UserInfo = { name: 'system:aggregator', groups: ['system:masters'] }

/** The server is called by its own name, not by ours. */
function withoutHost<T extends { host?: unknown }>({ host: _host, ...headers }: T): Omit<T, 'host'> {
  return headers
}

const isRedirect = ({ statusCode = 0, headers }: IncomingMessage): boolean =>
  statusCode >= 300 && statusCode <= 399 && headers.location !== undefined

/** A client would take its credentials wherever it was led. */
function refuseRedirect(answer: IncomingMessage): HttpAnswer {
  answer.destroy()
  return plain(502, 'the backend attempted to redirect this request, which is not permitted')
}

const plain = (status: number, text: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body: `${text}\n`,
})

function refuse({ socket }: HttpUpgrade, status: number, text: string): void {
  const head = `HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n`
  socket.end(head + text)
}
