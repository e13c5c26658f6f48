import type { Readable } from 'node:stream'
import type { HeaderValues } from './header-encoder.ts'
import type { RequestHead } from './request-head.ts'

/** One request and its answer on an h2 connection. */
export interface ServerStream {
  readonly head: RequestHead
  /** False when the request ended with its head. */
  readonly hasBody: boolean
  /** Rejects with `requestTooLarge` beyond the limit. Either this or `bodyStream` is read, once. */
  body(maximumBytes: number): Promise<Uint8Array>
  /** The body as it comes; the client sends no more than is taken. */
  bodyStream(): Readable
  /** True while an answer can reach somebody. */
  readonly isOpen: boolean
  /** The head, with which an answer without a body ends. */
  respond(status: number, headers: HeaderValues, endsHere: boolean): void
  /** Part of the answer's body. */
  write(chunk: Uint8Array): void
  /** Bytes that were written and have not gone yet. */
  readonly unsent: number
  end(): void
  /** Breaks off, so that nobody takes what was sent for the whole. */
  cut(): void
  /** Called whenever everything written has gone; one listener at a time. */
  onDrain(listener: (() => void) | undefined): void
  /** Called once nobody is there any more: `complete` when the whole answer had been handed over. */
  onClose(listener: (complete: boolean) => void): void
  reset(code: number): void
}
