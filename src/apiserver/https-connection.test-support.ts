import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type Status, StatusError } from '../apimachinery/api-errors.ts'
import type { ApiCall, ApiConnection, WatchEvent } from '../apimachinery/connection.ts'
import { httpMethod, patchContentTypes } from '../apimachinery/http/request-path.ts'
import type { KubernetesObject } from '../apimachinery/meta.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

export type Send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** Plain HTTPS against a dev server, as a client that knows nothing of it. */
export function sender(url: string): Send {
  return (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      // Node gives a DELETE no length by itself, and a body without one is no body.
      const type = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      const options = {
        method,
        headers: { authorization: 'Bearer x', ...type, ...headers },
        rejectUnauthorized: false,
        agent: false as const,
      }
      const request = httpsRequest(url + path, options, response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const all = Buffer.concat(chunks)
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: all, text: all.toString() })
        })
        response.on('error', reject)
      })
      request.on('error', reject)
      request.end(text)
    })
}

/** The same calls as in process, over the wire: so that one set of cases goes both ways. */
export function httpsConnection(url: string): ApiConnection {
  const send = sender(url)
  return {
    async call(call) {
      const { body, headers } = bodyOf(call)
      const answer = await send(httpMethod[call.verb], pathOf(call), body, headers)
      const object = JSON.parse(answer.text) as KubernetesObject
      if (answer.status >= 300) throw new StatusError(object as unknown as Status)
      return object
    },
    watch: call => watchOver(url, call),
    async close() {},
  }
}

function bodyOf({ verb, body, patchType, options }: ApiCall): { body: unknown; headers: Record<string, string> } {
  if (verb === 'patch') return { body, headers: { 'content-type': patchContentTypes[patchType ?? 'merge'] } }
  if (verb !== 'delete' && verb !== 'deletecollection') return { body, headers: {} }
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun } = options ?? {}
  return { body: { gracePeriodSeconds, propagationPolicy, preconditions, ...(dryRun && { dryRun: ['All'] }) }, headers: {} }
}

function pathOf({ verb, resource, namespace, name, subresource, options = {} }: ApiCall): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const parts = [root, ...(namespace ? ['namespaces', namespace] : []), resource.resource, name, subresource]
  const query = new URLSearchParams(verb === 'watch' ? { watch: 'true' } : {})
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined && key !== 'preconditions') query.set(key, key === 'dryRun' ? 'All' : String(value))
  }
  return `${parts.filter(Boolean).join('/')}?${query}`
}

async function* watchOver(url: string, call: ApiCall): AsyncGenerator<WatchEvent> {
  const path = pathOf({ ...call, verb: 'watch' })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { headers: { authorization: 'Bearer x' }, rejectUnauthorized: false, agent: false as const, signal: call.signal }
    httpsRequest(url + path, options, resolve)
      .on('error', reject)
      .end()
  })
  let text = ''
  try {
    for await (const chunk of response) {
      text += chunk
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const event = JSON.parse(text.slice(0, end)) as { type: string; object: KubernetesObject }
        text = text.slice(end + 1)
        if (event.type === 'ERROR') throw new StatusError(event.object as unknown as Status)
        yield event as WatchEvent
      }
    }
  } catch (error) {
    if (!call.signal?.aborted) throw error
  }
}
