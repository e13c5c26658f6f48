export const limits = {
  /** Of the question whether a server is there. */
  check_ms: 5_000,
  /** Between two such questions to each server, and after one that failed. */
  checkInterval_ms: 30_000,
  recheck_ms: 2_000,
  /** Of a group's OpenAPI document that is shown with ours. */
  openApiBytes: 16 * 1024 * 1024,
} as const
