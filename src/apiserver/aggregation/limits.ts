export const limits = {
  /** Of the question whether a server is there. */
  check_ms: 5_000,
  /** Between two such questions to each server, and after one that failed. */
  checkInterval_ms: 30_000,
  recheck_ms: 2_000,
  /** Of a call that a controller makes, and of its answer. */
  call_ms: 60_000,
  answerBytes: 256 * 1024 * 1024,
  /** Of one event in a watch that a controller follows. */
  eventBytes: 16 * 1024 * 1024,
  /** Of a group's OpenAPI document that is shown with ours. */
  openApiBytes: 16 * 1024 * 1024,
} as const
