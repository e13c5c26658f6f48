/** Names of RFC 9113 (HTTP/2) for the numbers on the wire. */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const frameFlags = { endStream: 0x1, acknowledge: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const

export const errorCodes = {
  none: 0x0,
  protocol: 0x1,
  internal: 0x2,
  flowControl: 0x3,
  streamClosed: 0x5,
  frameSize: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compression: 0x9,
  enhanceYourCalm: 0xb,
} as const

export const settingIds = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
} as const

/** What a client sends first of all. */
export const clientPreface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
export const frameHead_bytes = 9
/** Unless SETTINGS say otherwise; the largest frame that we take. */
export const defaultFrame_bytes = 16_384
export const defaultWindow_bytes = 65_535
export const largestWindow_bytes = 2 ** 31 - 1

/** The connection can't go on: GOAWAY, and it is closed. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** One stream can't go on: it is reset, the others are not concerned. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
