/** Bounds of what the API server calls out to. */
export const limits = {
  /** Until a connection stands, TLS included. */
  connect_ms: 30_000,
  /** Of a call that names no time of its own. */
  call_ms: 30_000,
  /** Of an answer that is read whole; beyond, the call fails. */
  answerBytes: 3 * 1024 * 1024,
  /** Connections to one address; beyond, calls wait their turn within their time. */
  connectionsPerAddress: 256,
  /** Of those, how many are kept while nobody uses them, and for how long. */
  idlePerAddress: 16,
  idle_ms: 60_000,
  /** Destinations with different certificates whose connections are kept; beyond, the one that was used longest ago is let go. */
  trusts: 256,
} as const
