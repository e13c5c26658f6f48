import { Readable } from 'node:stream'
import type { ReceiveWindow } from './credit.ts'
import type { HeaderValues } from './header-encoder.ts'
import type { Outgoing } from './outgoing.ts'
import { errorCodes } from './protocol.ts'
import type { ReceivedBody } from './received-body.ts'
import type { RequestHead } from './request-head.ts'
import type { ServerStream } from './stream.ts'

/** What is known of a stream that is open in at least one direction. */
export interface OpenStream extends ReceiveWindow {
  readonly outgoing: Outgoing
  /** Absent where the request ended with its head. */
  readonly body: ReceivedBody | undefined
  readonly expected_bytes: number | undefined
  readonly head_bytes: number
  received_bytes: number
  /** All of the answer was handed over. */
  answered: boolean
  closed: boolean
  closeListeners: ((complete: boolean) => void)[]
}

/** What the session does for its streams. */
export interface StreamActions {
  sendHead(stream: OpenStream, status: number, headers: HeaderValues, endsHere: boolean): void
  write(outgoing: Outgoing, chunk: Uint8Array): void
  end(outgoing: Outgoing): void
  reset(stream: OpenStream, code: number): void
}

/** A stream as who answers sees it. A class, since each request makes one, and closures would be made anew for each. */
export class Exchange implements ServerStream {
  readonly head: RequestHead
  readonly hasBody: boolean
  readonly #stream: OpenStream
  readonly #outgoing: Outgoing
  readonly #actions: StreamActions

  constructor(head: RequestHead, stream: OpenStream, actions: StreamActions) {
    this.head = head
    this.hasBody = stream.receiving
    this.#stream = stream
    this.#outgoing = stream.outgoing
    this.#actions = actions
  }

  body(maximumBytes: number): Promise<Uint8Array> {
    const { body, expected_bytes } = this.#stream
    return body ? body.read(maximumBytes, expected_bytes) : Promise.resolve(new Uint8Array(0))
  }

  bodyStream(): Readable {
    return this.#stream.body?.stream() ?? Readable.from([])
  }

  get isOpen(): boolean {
    return !this.#stream.closed
  }

  respond(status: number, headers: HeaderValues, endsHere: boolean): void {
    if (this.isOpen) this.#actions.sendHead(this.#stream, status, headers, endsHere)
  }

  write(chunk: Uint8Array): void {
    this.#actions.write(this.#outgoing, chunk)
  }

  get unsent(): number {
    return this.#outgoing.unsent
  }

  end(): void {
    if (!this.isOpen) return
    this.#stream.answered = true
    this.#actions.end(this.#outgoing)
  }

  cut(): void {
    this.reset(errorCodes.internal)
  }

  onDrain(listener: (() => void) | undefined): void {
    this.#outgoing.drainListener = listener
  }

  onClose(listener: (complete: boolean) => void): void {
    if (this.isOpen) this.#stream.closeListeners.push(listener)
    else listener(this.#stream.answered)
  }

  reset(code: number): void {
    if (this.isOpen) this.#actions.reset(this.#stream, code)
  }
}
