/** Longer than the 90 s for which Go's clients keep a connection in their pool. */
const keepAlive_ms = 150_000
/** What a body that is read may take to arrive, then 504; upstream's bound of a whole request. */
const body_ms = 60_000
/** What answers under way may take when the server closes, and clients when a connection is over. */
const drain_ms = 3_000

/** Go's figure, since a command that is run in a pod stands in the path of a request. */
const head_bytes = 1024 * 1024

export const transportLimits = {
  /** The head of a request over http/1.1, then 431. */
  head_bytes,
  /** Of one h2 connection. */
  h2: {
    streams: 1000,
    streamWindow_bytes: 1024 * 1024,
    sessionWindow_bytes: 8 * 1024 * 1024,
    header_bytes: head_bytes,
    heads_bytes: 16 * head_bytes,
    ahead_bytes: 256 * 1024,
    unread_bytes: 1024 * 1024,
    resets: [1000, 33],
    idleFrames: [10_000, 330],
    unused_ms: keepAlive_ms,
    linger_ms: drain_ms,
    body_ms,
  },
  /** Buffers for large writes that are kept for the next ones. */
  keptBuffers: 8,
  keepAlive_ms,
  body_ms,
  drain_ms,
} as const
