import { type Status, StatusError } from '../api-errors.ts'
import { isJsonObject } from '../json-value.ts'

/** What an answer refuses, whoever gave it: servers say it in a Status, proxies between by their code alone. */
export function statusError(code: number, body: string): StatusError {
  const status = parseStatus(body)
  if (status) return new StatusError({ code, ...status })
  const detail = body.trim().slice(0, 1024)
  const message = `the server responded with the status code ${code} but did not return more information${detail && `: ${detail}`}`
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: reasons[code] ?? 'Unknown',
    code,
  })
}

function parseStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return isJsonObject(value) && value.kind === 'Status' ? (value as unknown as Status) : undefined
  } catch {
    // Proxies answer in HTML; the status code then says what there is to say.
    return undefined
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}
