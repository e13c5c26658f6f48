const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ECONNRESET: 'read: connection reset by peer',
  ETIMEDOUT: 'connect: connection timed out',
}

/** A failed connection in the words that people find in Kubernetes' events. */
export function describeNetworkError(attempt: string, address: string, error: Error, signal: AbortSignal): Error {
  const text = attempt === '' ? '' : `${attempt}: `
  if (signal.aborted) {
    const waiting =
      attempt === '' ? `dial tcp ${address}: i/o timeout` : 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    return new Error(`${text}${waiting}`, { cause: error })
  }
  // A server that takes the connection and closes it without an answer.
  if (error.message === 'socket hang up') return new Error(`${text}EOF`, { cause: error })
  const known = words[(error as NodeJS.ErrnoException).code ?? '']
  if (known?.startsWith('connect:')) return new Error(`${text}dial tcp ${address}: ${known}`, { cause: error })
  if (known) return new Error(`${text}read tcp ${address}: ${known}`, { cause: error })
  return new Error(`${text}${error.message}`, { cause: error })
}
