import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { systemClock, systemRandom } from '../../src/base/index.ts'
import { memoryAuthority } from '../../src/cluster/certificates.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
type Any = any

/** What a webhook of a test answers to the request of a review: the response without its uid; undefined answers nothing, ever. */
export type Verdict = (request: Any) => Any

/** An HTTPS server that answers reviews, one webhook a path, as a program that we did not write would. */
export interface WebhookServer {
  /** PEM in base64, as in a clientConfig. */
  readonly caBundle: string
  readonly port: number
  clientConfig(path: string): { readonly url: string; readonly caBundle: string }
  /** What the webhook at a path says from now on. */
  answer(path: string, verdict: Verdict): void
  /** The reviews that came to a path, oldest first. */
  asked(path: string): readonly Any[]
  close(): void
}

export async function startWebhookServer(dnsNames: readonly string[] = ['localhost'], host = '127.0.0.1'): Promise<WebhookServer> {
  const authority = await memoryAuthority({ clock: systemClock(), random: systemRandom() })
  const { certificate, key } = await authority.sign({ commonName: 'webhook', dnsNames, addresses: [host], usage: 'server' })
  const verdicts = new Map<string, Verdict>()
  const reviews = new Map<string, Any[]>()
  const server = createServer({ cert: certificate, key }, (request, response) => {
    let text = ''
    request.on('data', part => {
      text += part
    })
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      const verdict = verdicts.get(path)
      if (!verdict) return response.writeHead(404).end('no such webhook')
      const review = JSON.parse(text)
      reviews.set(path, [...(reviews.get(path) ?? []), { ...review, url: request.url }])
      const answer = verdict(review.request)
      if (answer === undefined) return
      const { apiVersion, kind, request: asked } = review
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ apiVersion, kind, response: { uid: asked.uid, allowed: true, ...answer } }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const caBundle = Buffer.from(authority.certificate).toString('base64')
  return {
    caBundle,
    port,
    clientConfig: path => ({ url: `https://${host}:${port}${path}`, caBundle }),
    answer: (path, verdict) => void verdicts.set(path, verdict),
    asked: path => reviews.get(path) ?? [],
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The answer that changes an object by a JSON patch. */
export const patching = (...operations: readonly object[]) => ({
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
})

export const denying = (message: string, more: object = {}) => ({ allowed: false, status: { message, ...more } })
