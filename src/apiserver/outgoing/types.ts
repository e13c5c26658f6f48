import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Duplex, Readable } from 'node:stream'

/** A service of the cluster, as webhooks and API services name one. */
export interface ServiceReference {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/**
 * Where calls go and how the two sides prove themselves. Connections are kept for each destination object, so whoever
 * calls often makes it once.
 */
export interface Destination {
  /** A server's URL with an optional path, or a service with an optional path. */
  readonly at: { readonly url: string } | { readonly service: ServiceReference; readonly path?: string }
  /** PEM of who signed the other side's certificate; the system's authorities by default. */
  readonly certificateAuthority?: string
  /** The other side may be anybody. */
  readonly skipVerification?: boolean
  /** The name that the other side's certificate must have, where it is not the destination's own. */
  readonly serverName?: string
  /** PEM; with what the API server shows itself. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string }
  readonly bearerToken?: string
}

export interface OutgoingRequest {
  readonly method: string
  /** Path and query behind the destination's own path, beginning with a slash or question mark. */
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Uint8Array | string
  /** Until the whole answer is here. */
  readonly timeout_ms?: number
  readonly maximumBytes?: number
  readonly signal?: AbortSignal
}

/** An answer that is here. */
export interface OutgoingAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** A request whose answer may last: the signal ends it, no time does. */
export interface OutgoingStream {
  readonly method: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Readable
  readonly signal: AbortSignal
}

/** The connection, with what came behind the answer's head; or the answer of one that refuses. */
export type OutgoingUpgrade =
  | { readonly type: 'switched'; readonly answer: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
  | { readonly type: 'refused'; readonly answer: IncomingMessage }

export interface Outgoing {
  /** Calls and reads the answer, whatever its status. Rejects with a `CallError`. */
  call(destination: Destination, request: OutgoingRequest): Promise<OutgoingAnswer>
  /** Resolves with the head of the answer; its body is the caller's to read. Rejects with a `CallError`. */
  stream(destination: Destination, request: OutgoingStream): Promise<IncomingMessage>
  /** Asks for the connection itself, which is never used for anything else. Rejects with a `CallError`. */
  upgrade(destination: Destination, request: Omit<OutgoingStream, 'body'>): Promise<OutgoingUpgrade>
  close(): void
}
