/** The `Status` documents of the error channel. */
export interface StreamStatus {
  readonly metadata: object
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: { readonly causes: readonly { readonly reason?: string; readonly message: string }[] }
}

/** A failure that isn't the command's own, in upstream's shape. */
export function internalErrorStatus(error: unknown): StreamStatus {
  const message = error instanceof Error ? error.message : String(error)
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ message }] },
    code: 500,
  }
}

/** Protocols before v4 know plain text alone, and nothing stands for success. */
export function statusText(status: unknown, structured: boolean): string {
  if (structured) return JSON.stringify(status)
  const { status: outcome, message } = status as Partial<StreamStatus>
  return outcome === 'Success' ? '' : (message ?? 'the command failed')
}
