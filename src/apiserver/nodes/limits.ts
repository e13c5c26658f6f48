/** Bounds of the way to the nodes. */
export const limits = {
  /** Until a kubelet's connection stands, TLS included. */
  connect_ms: 10_000,
  /** Of the text with which a kubelet refuses. */
  refusalBytes: 2048,
} as const
