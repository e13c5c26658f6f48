import type { StatusError } from '../../apimachinery/api-errors.ts'
import type { Flow } from '../fairness/index.ts'
import { limits } from '../limits.ts'
import type { ServerRoom } from '../server-room.ts'
import type { HttpAnswer } from '../types.ts'
import { answerStatus, statusOf } from './answer.ts'
import type { Arrived } from './arrive.ts'
import type { Negotiated } from './negotiation.ts'

/** Every error as an answer; what nobody expected goes to the log too. */
export function refuse(
  room: ServerRoom,
  { request, auditId, audit }: Arrived,
  error: unknown,
  negotiated: Negotiated | undefined,
): HttpAnswer {
  const refusal: StatusError = statusOf(error)
  if (refusal !== error && !request.signal.aborted) {
    room.logger.error(`answer ${request.method} ${request.url}: unexpected error, answered with ${refusal.code}`, { error, auditId })
    audit?.panic(error)
  }
  audit?.status(refusal.status)
  audit?.responseObject(() => JSON.stringify(refusal.status))
  const answer = answerStatus(refusal.status, negotiated)
  const { retryAfterSeconds } = refusal.status.details ?? {}
  return retryAfterSeconds ? { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } } : answer
}

/** What stands in the head of every answer. */
export function withCommonHeaders(answer: HttpAnswer, { warnings, auditId, request, flow }: Arrived): HttpAnswer {
  const headers: Record<string, string | readonly string[]> = { 'audit-id': auditId, ...answer.headers }
  if (flow) addFlowHeaders(headers, flow)
  if (headers['cache-control'] === undefined) headers['cache-control'] = 'no-cache, private'
  if (warnings.length > 0) headers.warning = warnings.map(text => `299 - ${quoteHeader(text)}`)
  return request.method === 'HEAD' ? withoutBody(answer, headers) : { ...answer, headers }
}

/** What is asked for with HEAD has the length that GET would send, where that is known: what is large would be compressed. */
function withoutBody({ status, body }: HttpAnswer, headers: Record<string, string | readonly string[]>): HttpAnswer {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body instanceof Uint8Array ? body.length : 0
  if (length > 0 && length < limits.compressFromBytes) headers['content-length'] ??= String(length)
  return { status, headers, body: undefined }
}

/** By these an administrator finds out which objects decided. */
function addFlowHeaders(headers: Record<string, string | readonly string[]>, { schema }: Flow): void {
  if (schema.uid) headers['x-kubernetes-pf-flowschema-uid'] = schema.uid
  if (schema.level.uid) headers['x-kubernetes-pf-prioritylevel-uid'] = schema.level.uid
}

const quoteHeader = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, ' ')}"`
