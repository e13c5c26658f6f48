export const transportLimits = {
  /** Of one h2 session, for what is queued in both directions; Node's default of 10 refuses streams behind one large list. */
  sessionMemoryMiB: 128,
  streamsPerSession: 1000,
  windowBytes: 1024 * 1024,
  /** Longer than the 90 s for which Go's clients keep a connection in their pool. */
  keepAlive_ms: 150_000,
  /** What answers under way may take when the server closes. */
  drain_ms: 3_000,
} as const
