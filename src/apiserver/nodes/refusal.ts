import type { IncomingMessage } from 'node:http'
import { badRequest, internalError, StatusError } from '../../apimachinery/api-errors.ts'
import { CallError } from '../outgoing/index.ts'
import { limits } from './limits.ts'

/** The beginning of a kubelet's refusal; what is beyond the bound is not read. */
export async function readRefusal(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part)
    length += part.length
    if (length >= limits.refusalBytes) break
  }
  answer.destroy()
  return Buffer.concat(parts).subarray(0, limits.refusalBytes).toString('utf8').trim()
}

/** Nobody answers at the node. Upstream gives it no reason, and clients print the message as it is. */
export const unreachable = (attempt: string, error: unknown): StatusError => {
  const message = `${attempt}: ${error instanceof CallError ? error.detail : error instanceof Error ? error.message : error}`
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 }, { cause: error })
}

/** A kubelet answers with a code and a sentence; clients of the API want a Status. */
export function refusalStatus(code: number, text: string, podName: string): StatusError {
  if (code === 500) return internalError(text)
  if (code === 400) return badRequest(text)
  const { reason, message } = meaningOf(code, text)
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    // Upstream names a verb here and has none; people search for the text with the gap.
    message: `${message} ( pods/log ${podName})`,
    reason,
    details: { name: podName, kind: 'pods/log' },
    code,
  })
}

function meaningOf(code: number, text: string): { readonly reason: string; readonly message: string } {
  switch (code) {
    case 401:
      return { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' }
    case 403:
      return { reason: 'Forbidden', message: text }
    case 404:
      return { reason: 'NotFound', message: 'the server could not find the requested resource' }
    case 405:
      return { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' }
    case 422:
      return { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' }
    case 503:
      return { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' }
  }
  if (code > 500)
    return {
      reason: 'InternalError',
      message: `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`,
    }
  return { reason: '', message: `the server responded with the status code ${code} but did not return more information` }
}
