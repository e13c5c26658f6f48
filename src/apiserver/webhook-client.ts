import type { Destination, Outgoing } from './outgoing/index.ts'

/** Posts JSON to one server and answers JSON: audit, token reviews and access reviews speak so. */
export interface WebhookClient {
  readonly url: string
  /** Rejects with a text that names the address and what happened there. */
  post(body: string, signal?: AbortSignal): Promise<unknown>
}

export type WebhookDestination = Destination & { readonly at: { readonly url: string } }

export function createWebhookClient(outgoing: Outgoing, destination: WebhookDestination, timeout_ms: number): WebhookClient {
  const { url } = destination.at
  const headers = { 'content-type': 'application/json', accept: 'application/json, */*' }
  return {
    url,
    async post(body, signal) {
      const answer = await outgoing.call(destination, { method: 'POST', headers, body, timeout_ms, signal })
      if (answer.status < 200 || answer.status > 299) throw new Error(`Post ${JSON.stringify(url)}: the server answered ${answer.status}`)
      if (answer.body.length === 0) return undefined
      try {
        return JSON.parse(answer.body.toString())
      } catch (error) {
        throw new Error(`Post ${JSON.stringify(url)}: the answer is not JSON`, { cause: error })
      }
    },
  }
}
