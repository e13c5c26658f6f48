import { request as plainRequest, type RequestOptions } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import type { Clock } from '../base/clock.ts'

/** Where a webhook is and how the API server shows itself there, as a kubeconfig says it. */
export interface WebhookTarget {
  readonly server: string
  /** PEM; the system's authorities by default. */
  readonly certificateAuthority?: string
  /** PEM */
  readonly clientCertificate?: string
  /** PEM */
  readonly clientKey?: string
  readonly token?: string
  readonly insecure?: boolean
  readonly serverName?: string
}

/** Posts JSON and answers JSON. */
export interface WebhookClient {
  readonly url: string
  /** Rejects with a text that names the address and what happened there. */
  post(body: string, signal?: AbortSignal): Promise<unknown>
  close(): void
}

const maximumAnswer_bytes = 3 * 1024 * 1024

/** A client that keeps its connections and never follows a redirect. */
export function createWebhookClient(target: WebhookTarget, timeout_ms: number, clock: Clock): WebhookClient {
  const url = new URL(target.server)
  const tls: ConnectionOptions = {
    ca: target.certificateAuthority,
    cert: target.clientCertificate,
    key: target.clientKey,
    rejectUnauthorized: target.insecure !== true,
    ...(target.serverName && { servername: target.serverName }),
  }
  const agent = url.protocol === 'https:' ? new Agent({ keepAlive: true, maxSockets: 16, ...tls }) : undefined
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, */*',
    ...(target.token && { authorization: `Bearer ${target.token}` }),
  }
  return {
    url: `${url.origin}${url.pathname}`,
    post: (body, signal) =>
      new Promise((resolve, reject) => {
        const failed = (error: Error) => {
          timer.cancel()
          reject(new Error(`Post ${JSON.stringify(target.server)}: ${error.message}`, { cause: error }))
        }
        const options: RequestOptions = {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          agent,
          signal,
        }
        const outgoing = url.protocol === 'https:' ? httpsRequest(url, options) : plainRequest(url, options)
        const timer = clock.setTimer(timeout_ms, () => outgoing.destroy(new Error('context deadline exceeded')))
        outgoing.on('error', failed)
        outgoing.on('response', response => {
          const chunks: Buffer[] = []
          let size = 0
          response.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > maximumAnswer_bytes) outgoing.destroy(new Error(`the answer is larger than ${maximumAnswer_bytes} bytes`))
            else chunks.push(chunk)
          })
          response.on('error', failed)
          response.on('end', () => {
            timer.cancel()
            const { statusCode = 0 } = response
            if (statusCode < 200 || statusCode > 299) return failed(new Error(`the server answered ${statusCode}`))
            try {
              const text = Buffer.concat(chunks).toString()
              resolve(text === '' ? undefined : JSON.parse(text))
            } catch {
              failed(new Error('the answer is not JSON'))
            }
          })
        })
        outgoing.end(body)
      }),
    close: () => agent?.destroy(),
  }
}
