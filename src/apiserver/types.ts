import type { GroupResource } from '../apimachinery/api-errors.ts'
import type { Kind, ServedVersion } from '../apimachinery/kind.ts'
import type { KubernetesObject } from '../apimachinery/meta.ts'
import type { RequestAttributes, RequestContext, UserInfo } from '../apimachinery/request.ts'

/** What authentication may look at. */
export interface Credentials {
  /** DER of the client's certificate, verified against the client CA by TLS; absent when none was given. */
  readonly clientCertificate: Uint8Array | undefined
  /** The Authorization header. */
  readonly authorization: string | undefined
  /** Bearer token of a WebSocket's subprotocol list, where browsers can't set headers. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Says who sends a request. Undefined: these credentials are not mine; throws `unauthorized()` for bad ones. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<UserInfo | undefined>
}

/** May this user do this? `reason` ends up in the Forbidden message. Answers from memory. */
export interface Authorizer {
  authorize(user: UserInfo, attributes: RequestAttributes): { readonly allowed: boolean; readonly reason: string }
}

/** One write on its way to storage, as admission sees it. Objects are in the kind's stored version. */
export interface AdmissionRequest {
  readonly context: RequestContext
  readonly kind: Kind
  readonly served: ServedVersion
  readonly resource: GroupResource
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  /** Absent on DELETE. */
  readonly object: KubernetesObject | undefined
  /** Absent on CREATE. */
  readonly old: KubernetesObject | undefined
  /** The query's or DeleteOptions' options, as decoded. */
  readonly options: unknown
}

/**
 * One step of admission, in the order of one list. Steps throw StatusErrors to refuse.
 * `mutate` returns the object to go on with; `validate` runs after all mutation and the kind's own validation.
 */
export interface AdmissionStep {
  readonly name: string
  readonly handles: (request: AdmissionRequest) => boolean
  readonly mutate?: (request: AdmissionRequest) => KubernetesObject | Promise<KubernetesObject>
  readonly validate?: (request: AdmissionRequest) => void | Promise<void>
}

/** A request as the transport hands it over: nobody beyond the transport sees a socket. */
export interface HttpRequest {
  readonly method: string
  /** Path with its query, as sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly peer: { readonly address: string; readonly clientCertificate: Uint8Array | undefined }
  /** Rejects with `requestTooLarge` beyond the limit. */
  readonly body: (maximumBytes: number) => Promise<Uint8Array>
  readonly signal: AbortSignal
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
  /** Returns the number of bytes that the client has not taken yet. */
  write(chunk: Uint8Array | string): number
  /** Called when unsent bytes have gone. */
  onDrain(listener: () => void): void
  end(): void
}

/** An upgraded connection (exec, attach, port-forward): raw bytes both ways after the 101. */
export interface HttpUpgrade {
  readonly request: Omit<HttpRequest, 'body'>
  /** Bytes that came behind the head. */
  readonly head: Uint8Array
  readonly socket: import('node:stream').Duplex
}
