import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { Socket } from 'node:net'
import { describeNetworkError } from './network-error.ts'

/** How probes and hooks reach a pod. Simulated nodes have one that always succeeds. */
export interface ProbeTransport {
  http(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>
  /** Resolves once the connection stands; it is closed at once. */
  tcp(host: string, port: number, signal: AbortSignal): Promise<void>
  /** The standard health check; resolves with its serving status. */
  grpc(host: string, port: number, service: string, signal: AbortSignal): Promise<'SERVING' | 'NOT_SERVING' | 'UNKNOWN' | 'SERVICE_UNKNOWN'>
}

export interface HttpRequest {
  readonly url: URL
  readonly headers: readonly (readonly [string, string])[]
}

export interface HttpResponse {
  readonly status: number
  readonly location: string | undefined
  readonly body: string
}

const maximumBody_bytes = 10 * 1024

export function networkTransport(): ProbeTransport {
  return { http: requestHttp, tcp: connectTcp, grpc: checkGrpc }
}

export function simulatedTransport(): ProbeTransport {
  return { http: async () => ({ status: 200, location: undefined, body: '' }), tcp: async () => {}, grpc: async () => 'SERVING' }
}

function requestHttp({ url, headers }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const list = headers.flat()
  // A fresh connection each time, and certificates are not checked: pods have none that the node could know.
  const options = { method: 'GET', agent: false as const, signal, rejectUnauthorized: false, setHost: false }
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options)
    for (let index = 0; index < list.length; index += 2) request.appendHeader(list[index] ?? '', list[index + 1] ?? '')
    request.on('error', error => reject(describeNetworkError(`Get "${url.href}"`, url.host, error, signal)))
    request.on('response', response => {
      const chunks: Buffer[] = []
      let length = 0
      const finish = () => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body: Buffer.concat(chunks).toString('utf8') })
        request.destroy()
      }
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length >= maximumBody_bytes) finish()
      })
      response.on('end', finish)
      response.on('error', error => reject(describeNetworkError(`Get "${url.href}"`, url.host, error, signal)))
    })
    request.end()
  })
}

function connectTcp(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new Socket({ signal }).connect({ host, port })
    socket.on('connect', () => {
      resolve()
      socket.destroy()
    })
    socket.on('error', error =>
      reject(describeNetworkError('', host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`, error, signal)),
    )
  })
}

const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const

function checkGrpc(host: string, port: number, service: string, signal: AbortSignal): Promise<(typeof servingStatuses)[number]> {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://${authority}`)
    const fail = (error: unknown) => {
      session.destroy()
      reject(
        describeNetworkError(
          `timeout: failed to connect service ${JSON.stringify(authority)} within the probe's time`,
          authority,
          error as Error,
          signal,
        ),
      )
    }
    const abort = () => fail(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    session.on('error', fail)
    session.on('close', () => signal.removeEventListener('abort', abort))
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'kube-probe/1.36',
    })
    const chunks: Buffer[] = []
    let code: string | undefined
    const readCode = (headers: http2.IncomingHttpHeaders) => {
      code = (headers['grpc-status'] as string | undefined) ?? code
    }
    stream.on('response', readCode)
    stream.on('trailers', readCode)
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
    stream.on('error', fail)
    stream.on('end', () => {
      session.destroy()
      if (code === '12') return reject(new Error('server does not implement the grpc health protocol (grpc.health.v1.Health)'))
      // NotFound: the server knows no such service.
      if (code === '5') return resolve('SERVICE_UNKNOWN')
      if (code !== undefined && code !== '0') return reject(new Error(`health rpc probe failed with status code ${code}`))
      const message = Buffer.concat(chunks).subarray(5)
      resolve(servingStatuses[message[0] === 8 ? (message[1] ?? 0) : 0] ?? 'UNKNOWN')
    })
    stream.end(frame(service))
  })
}

/** A HealthCheckRequest with the service in field 1, behind the frame's flag and length. */
function frame(service: string): Buffer {
  const name = Buffer.from(service, 'utf8')
  const message = name.length ? Buffer.concat([Buffer.from([0x0a, ...lengthBytes(name.length)]), name]) : Buffer.alloc(0)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

const lengthBytes = (length: number): number[] => (length < 128 ? [length] : [(length & 127) | 128, ...lengthBytes(length >> 7)])
