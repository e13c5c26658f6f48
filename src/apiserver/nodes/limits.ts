/** Bounds of the way to the nodes. */
export const limits = {
  /** Of the text with which a kubelet refuses. */
  refusalBytes: 2048,
  /** Of the question what is used on a node, and of its answer. */
  usage_ms: 5_000,
  usageBytes: 16 * 1024 * 1024,
  /** Who asks again within this time gets the same answer. */
  usageShared_ms: 5_000,
  /** A rate over a longer time would say little about now; then a short one is measured. */
  usageWindow_ms: 60_000,
  firstUsageWindow_ms: 1_000,
} as const
