import type { OutgoingHttpHeaders } from 'node:http2'
import { type Status, StatusError } from '../../apimachinery/api-errors.ts'
import type { ApiCall, ApiConnection, WatchEvent } from '../../apimachinery/connection.ts'
import { jsonLines } from '../../apimachinery/http/json-lines.ts'
import { httpMethod, requestBody, requestPath } from '../../apimachinery/http/request-path.ts'
import { statusError } from '../../apimachinery/http/status-error.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import { type Random, sleep } from '../../base/index.ts'
import { createBackoff } from '../backoff.ts'
import { type Answer, ConnectionError, createSharedSession, type SessionOptions, type SharedSession } from './session.ts'

export interface HttpsConnectionOptions extends SessionOptions {
  readonly random: Random
  /** A bearer token; a function is asked before each request, since tokens are rotated. */
  readonly token?: string | (() => string | Promise<string>)
  readonly userAgent?: string
}

const maximumAnswer = 512 * 1024 * 1024
const maximumEvent = 16 * 1024 * 1024
const maximumAttempts = 5

/** Reaches an API server over HTTPS: one h2 session for everything, opened when needed and again after it broke. */
export function httpsConnection(options: HttpsConnectionOptions): ApiConnection {
  const session = createSharedSession(options)
  return {
    async call(call) {
      const answer = await send(options, session, call)
      const body = await readBody(answer, call)
      if (answer.status >= 400) throw statusError(answer.status, body)
      return parseBody(options, call, body) as KubernetesObject
    },
    async *watch(call) {
      const answer = await send(options, session, { ...call, verb: 'watch' })
      if (answer.status >= 400) throw statusError(answer.status, await readBody(answer, call))
      yield* watchEvents(answer, call)
    },
    close: () => session.close(),
  }
}

/**
 * Sends a request, again after a pause if that is safe: reads always, writes only if the server can't have seen them,
 * and anything that the server itself asks to send later.
 */
async function send(options: HttpsConnectionOptions, session: SharedSession, call: ApiCall): Promise<Answer> {
  const { clock, random } = options
  const backoff = createBackoff({ random, first_ms: 50, maximum_ms: 2000 })
  const body = requestBody(call)
  const isRead = httpMethod[call.verb] === 'GET'
  for (let attempt = 1; ; attempt++) {
    const last = attempt >= maximumAttempts
    try {
      const answer = await session.request(await headersOf(options, call, body?.type), body?.text, call.signal)
      const delay_ms = last ? undefined : retryAfter_ms(answer)
      if (delay_ms === undefined) return answer
      answer.stream.close()
      await sleep(clock, delay_ms, call.signal)
    } catch (error) {
      const again = error instanceof ConnectionError && (isRead || !error.sent)
      if (!again || last || call.signal?.aborted) throw error
      await sleep(clock, backoff.next_ms(), call.signal)
    }
  }
}

function retryAfter_ms({ status, headers }: Answer): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  const seconds = Number(headers['retry-after'])
  return headers['retry-after'] !== undefined && Number.isFinite(seconds) ? Math.min(seconds, 30) * 1000 : undefined
}

async function headersOf(
  { token, userAgent = 'proa' }: HttpsConnectionOptions,
  call: ApiCall,
  contentType: string | undefined,
): Promise<OutgoingHttpHeaders> {
  const bearer = typeof token === 'function' ? await token() : token
  return {
    ':method': httpMethod[call.verb],
    ':path': requestPath(call),
    accept: 'application/json',
    'user-agent': userAgent,
    ...(bearer && { authorization: `Bearer ${bearer}` }),
    ...(contentType && { 'content-type': contentType }),
  }
}

async function readBody({ stream }: Answer, call: ApiCall): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > maximumAnswer) throw new Error(`the answer to ${describeCall(call)} is longer than ${maximumAnswer} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    call.signal?.throwIfAborted()
    throw error
  }
  // A stream that was reset ends without an error; half an answer must not pass for one.
  call.signal?.throwIfAborted()
  if (stream.rstCode !== 0) throw new ConnectionError(`the answer to ${describeCall(call)} broke off`, true)
  return Buffer.concat(chunks).toString('utf8')
}

function parseBody({ server }: HttpsConnectionOptions, call: ApiCall, body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new Error(`${describeCall(call)} at ${server}: the answer is not JSON`, { cause: error })
  }
}

async function* watchEvents({ stream }: Answer, call: ApiCall): AsyncGenerator<WatchEvent, void, undefined> {
  try {
    for await (const line of jsonLines(stream as AsyncIterable<Buffer>, maximumEvent)) {
      const event = line as WatchEvent | { readonly type: 'ERROR'; readonly object: Status }
      if (event.type === 'ERROR') throw new StatusError(event.object)
      yield event
    }
    // A connection that was lost ends the stream without an error; only the server may end a watch in peace.
    if (stream.rstCode !== 0) throw new ConnectionError(`the watch of ${call.resource.resource} broke off`, true)
  } catch (error) {
    // The reader went away on purpose: a watch then just ends.
    if (!call.signal?.aborted) throw error
  } finally {
    stream.close()
  }
}

const describeCall = ({ verb, resource, namespace, name }: ApiCall) =>
  `${verb} ${resource.resource}${namespace === undefined ? '' : ` in ${namespace}`}${name === undefined ? '' : ` ${JSON.stringify(name)}`}`
