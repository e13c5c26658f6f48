import http from 'node:http'
import type { Clock } from '../../../base/index.ts'
import { type SpdyConnection, spdyConnection } from './connection.ts'

/** Upgrades an HTTP request to SPDY/3.1 and gives the connection's client side. */
export function dialSpdy(url: string, protocol: string, clock: Clock, timeout_ms: number): Promise<SpdyConnection> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method: 'POST',
      agent: false,
      headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol },
    })
    const timer = clock.setTimer(timeout_ms, () => request.destroy(new Error(`no answer within ${timeout_ms} ms`)))
    const fail = (error: Error) => {
      timer.cancel()
      reject(new Error(`upgrade ${new URL(url).origin} to SPDY/3.1: ${error.message}`, { cause: error }))
    }
    request.on('error', fail)
    request.on('response', response => {
      let body = ''
      response.on('data', chunk => {
        body += chunk
      })
      response.on('end', () => fail(new Error(`the server answered ${response.statusCode}: ${body.trim()}`)))
    })
    request.on('upgrade', (response, socket, head) => {
      timer.cancel()
      const agreed = response.headers['x-stream-protocol-version']
      if (agreed === protocol) return resolve(spdyConnection(socket, { role: 'client', head }))
      socket.destroy()
      fail(new Error(`the server chose protocol ${agreed}, not ${protocol}`))
    })
    request.end()
  })
}
