import type { Readable } from 'node:stream'
import type { GroupResource } from '../apimachinery/api-errors.ts'
import type { Kind, ServedVersion } from '../apimachinery/kind.ts'
import type { DeleteOptions, KubernetesObject } from '../apimachinery/meta.ts'
import type { RequestAttributes, RequestContext, UserInfo } from '../apimachinery/request.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricsRegistry } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { Storage } from '../storage/storage.ts'
import type { Aggregation } from './aggregation/index.ts'
import type { Audit } from './audit/index.ts'
import type { HealthChecks } from './discovery/health.ts'

/** What authentication may look at. */
export interface Credentials {
  /** DER of the client's certificate, verified against the client CA by TLS; absent when none was given. */
  readonly clientCertificate: Uint8Array | undefined
  /** DER of a certificate of the authority of front proxies, which say by headers whom they speak for. */
  readonly frontProxyCertificate?: Uint8Array
  /** The Authorization header. */
  readonly authorization: string | undefined
  /** Bearer token of a WebSocket's subprotocol list, where browsers can't set headers. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Who comes without credentials, and where they may go. */
export interface AnonymousRule {
  readonly enabled: boolean
  /** Exactly these paths, if given. */
  readonly paths?: readonly string[]
}

/** Says who sends a request. Undefined: these credentials are not mine; throws `unauthorized()` for bad ones. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<UserInfo | undefined>
}

/** May this user do this? `reason` ends up in the Forbidden message. Most answer from memory, at once; webhooks take their time. */
export interface Authorizer {
  authorize(user: UserInfo, attributes: RequestAttributes): Authorization | Promise<Authorization>
}

export interface Authorization {
  readonly allowed: boolean
  /** Refused for good: no further authorizer is asked. */
  readonly denied?: boolean
  readonly reason: string
  /** What went wrong while deciding; the decision stands all the same. */
  readonly error?: string
}

/** One write on its way to storage, as admission sees it. Objects are in the kind's stored version. */
export interface AdmissionRequest {
  readonly context: RequestContext
  readonly kind: Kind
  readonly served: ServedVersion
  readonly resource: GroupResource
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  /** Empty for the object itself. */
  readonly subresource: string
  /** Empty for objects of the cluster. */
  readonly namespace: string
  /** Empty on CREATE with a name that is still to be generated. */
  readonly name: string
  /** Absent on DELETE. */
  readonly object: KubernetesObject | undefined
  /** Absent on CREATE. */
  readonly old: KubernetesObject | undefined
  /** The query's or DeleteOptions' options, as decoded. */
  readonly options: unknown
  readonly objects: StoredObjects
  readonly rounds: AdmissionRounds
}

/**
 * What a webhook or policy changed may concern steps that ran before it, so there can be a second round through all
 * steps that change objects. There is no third.
 */
export interface AdmissionRounds {
  readonly round: 0 | 1
  /** Set by whoever changed an object in a way that others may want to see. */
  again: boolean
  /** What a step keeps from the first round to the second, by the step's name. */
  memory?: Map<string, unknown>
}

/**
 * One step of admission, in the order of one list. Steps throw StatusErrors to refuse.
 * `mutate` returns the object to go on with (on DELETE there is none); `validate` runs after all mutation and the kind's
 * own validation.
 */
export interface AdmissionStep {
  readonly name: string
  readonly handles: (request: AdmissionRequest) => boolean
  readonly mutate?: (request: AdmissionRequest) => KubernetesObject | undefined | Promise<KubernetesObject | undefined>
  readonly validate?: (request: AdmissionRequest) => void | Promise<void>
  /**
   * Runs in the turn in which a create or update is ordered, against what is ordered by then. What it changes is written
   * together with the object or not at all; a dry run only asks. What it throws is answered once what it read is durable.
   */
  readonly reserve?: (request: AdmissionRequest, ordered: OrderedObjects) => void
}

/** Stored objects as the next write will find them, durable or not: for reservations only. */
export interface OrderedObjects {
  /** Those that are known to everybody already, in their newest form. */
  list(kind: Kind, namespace: string): readonly KubernetesObject[]
  /** Writes an object that was listed together with the one that is admitted. */
  change(kind: Kind, object: KubernetesObject): void
}

/** A request as the transport hands it over: nobody beyond the transport sees a socket. */
export interface HttpRequest {
  readonly method: string
  /** Path with its query, as sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly peer: Peer
  /** Rejects with `requestTooLarge` beyond the limit. */
  readonly body: (maximumBytes: number) => Promise<Uint8Array>
  /** The body as it comes, for who hands it on; either this or `body` is read, once. */
  readonly stream?: () => Readable | undefined
  readonly signal: AbortSignal
}

export interface Peer {
  readonly address: string
  /** DER of a certificate that the client CA signed. */
  readonly clientCertificate: Uint8Array | undefined
  /** DER of a certificate that the authority of front proxies signed. */
  readonly frontProxyCertificate?: Uint8Array
  /** Why a certificate that was offered does not count; without other credentials the request is refused. */
  readonly certificateError?: string
}

/** The head, then nothing, one body, or chunks that are pulled while the client has credit. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array | string> | PushedBody
}

/**
 * A body that is pushed as things happen (watches): `start` gets a sink; `write` answers how many bytes are unsent,
 * so that the writer can hold back references instead of bytes.
 */
export interface PushedBody {
  readonly start: (sink: BodySink) => () => void
}

export interface BodySink {
  write(chunk: Uint8Array): void
  /** Bytes that the client has not taken yet. */
  readonly unsent: number
  /** Called whenever all that was unsent has gone, at least where it was much; one listener at a time. */
  onDrain(listener: (() => void) | undefined): void
  end(): void
  /** Ends so that the client knows that something is missing. */
  cut(): void
}

/** A request that asks for the connection itself (exec, attach, port-forward, WebSockets): raw bytes both ways after the 101. */
export interface HttpUpgrade {
  readonly request: Omit<HttpRequest, 'body'>
  /** Bytes that came behind the head. */
  readonly head: Uint8Array
  readonly socket: import('node:stream').Duplex
}

/** What an API server is made of; everything that lives longer than a request comes in here. */
export interface ApiServerOptions {
  readonly storage: Storage
  readonly kinds: readonly Kind[]
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  /** Of the thread that reads YAML; bundles have it elsewhere than the source. */
  readonly yamlEntry?: URL
  /** Asked in order; the first that knows the credentials decides. */
  readonly authenticators: readonly Authenticator[]
  /** Requests without credentials are let through to authorization unless this says otherwise. */
  readonly anonymous?: AnonymousRule
  readonly authorizer: Authorizer
  readonly admission: readonly AdmissionStep[]
  /** Writes down who asks what; the server closes it. */
  readonly audit?: Audit
  readonly handlers: HandlerTable
  readonly serviceRanges: ServiceRanges
  /** Requests over HTTP that may be at work at a time. */
  readonly seats?: number
  readonly version: VersionInfo
  /** Group versions that servers elsewhere answer for. */
  readonly aggregation?: Aggregation
  /** Answers of further paths that are not about a resource, such as the OpenID documents; authorized by their path. */
  readonly paths?: Readonly<Record<string, () => HttpAnswer>>
  /** Named checks beyond the server's own, of work that is done once at the start; a text says why it is not. */
  readonly startHooks?: HealthChecks
  /** Deep-freezes every shared object, so that a caller that changes one fails at once; for tests. */
  readonly freezeObjects?: boolean
}

/** Addresses of services: one CIDR per IP family, the first one is the default family. */
export interface ServiceRanges {
  readonly clusterIPs: readonly string[]
  readonly nodePorts: { readonly first: number; readonly last: number }
}

/** The answer of /version, under upstream's names. */
export interface VersionInfo {
  readonly major: string
  readonly minor: string
  readonly gitVersion: string
  readonly gitCommit: string
  readonly gitTreeState: string
  readonly buildDate: string
  readonly goVersion: string
  readonly compiler: string
  readonly platform: string
}

/**
 * What subresources of action `handler` and kinds that are never stored do. Subresources are found by their handler's
 * name (`token`, `log`, `exec`), reviews by their kind (`TokenReview`). Binding, eviction and finalize come with the server.
 */
export interface HandlerTable {
  readonly subresources: Readonly<Record<string, SubresourceHandler>>
  readonly reviews: Readonly<Record<string, ReviewHandler>>
  /** Objects of kinds that are computed, by kind; all of them, or those of the namespace where one is named. */
  readonly computed?: Readonly<Record<string, ComputedReader>>
}

export interface SubresourceHandler {
  /** Answers an object (encoded as the client asked) or a whole HTTP answer (logs). */
  readonly handle: (request: SubresourceRequest) => Promise<SubresourceAnswer>
  /** Takes over an upgraded connection; without it, whoever asks for one gets the usual answer. */
  readonly upgrade?: (request: SubresourceRequest, upgrade: HttpUpgrade) => Promise<void>
  /** A WebSocket begins with a GET, but what it opens is more than reading: the verb that it takes too. */
  readonly upgradeVerb?: 'create'
}

export interface SubresourceRequest {
  readonly context: RequestContext
  readonly kind: Kind
  readonly served: ServedVersion
  readonly subresource: string
  readonly verb: string
  readonly namespace: string
  readonly name: string
  /** Decoded by the subresource's schema; absent where the request has no body. */
  readonly body: KubernetesObject | undefined
  readonly query: URLSearchParams
  /** The path behind the subresource as it was sent, with its slash; empty where there is none. */
  readonly rest: string
  readonly fieldManager: string
  readonly objects: StoredObjects
  /** Absent for calls in process. */
  readonly http: Omit<HttpRequest, 'body'> | undefined
}

export type SubresourceAnswer = { readonly object: KubernetesObject; readonly code?: number } | { readonly answer: HttpAnswer }

export type ComputedReader = (request: ComputedRequest) => Promise<readonly KubernetesObject[]>

export interface ComputedRequest {
  readonly context: RequestContext
  readonly namespace: string
  readonly objects: StoredObjects
}

export type ReviewHandler = (request: ReviewRequest) => Promise<KubernetesObject>

export interface ReviewRequest {
  readonly context: RequestContext
  readonly kind: Kind
  readonly namespace: string
  readonly body: KubernetesObject
  readonly objects: StoredObjects
}

/** The stored objects as handlers and admission steps reach them: without authorization, in the stored version. */
export interface StoredObjects {
  kind(group: string, resource: string): Kind | undefined
  kinds(): readonly Kind[]
  /** From the committed state; the object carries no managedFields and must not be changed. */
  get(kind: Kind, namespace: string, name: string): KubernetesObject | undefined
  list(kind: Kind, namespace?: string): readonly KubernetesObject[]
  /**
   * Changes an object by a pure function, again on every lost race, through admission as an update of `subresource`.
   * The caller answers for the change: of the kind's rules only those of metadata are checked.
   */
  change(request: ChangeRequest): Promise<KubernetesObject>
  /** Deletes as a DELETE request would, with its own context's dry run. */
  remove(request: RemoveRequest): Promise<KubernetesObject>
}

export interface ChangeRequest {
  readonly context: RequestContext
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly fieldManager: string
  readonly change: (object: KubernetesObject) => KubernetesObject
}

export interface RemoveRequest {
  readonly context: RequestContext
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  readonly options: DeleteOptions
}
