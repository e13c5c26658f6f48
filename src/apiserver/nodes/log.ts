import type { IncomingMessage } from 'node:http'
import type { SubresourceHandler } from '../types.ts'
import type { KubeletClient, KubeletTarget } from './kubelet-client.ts'
import { chooseContainer, findKubelet, findPod, kubeletPath } from './location.ts'
import { parseLogOptions } from './log-options.ts'
import { readRefusal, refusalStatus, unreachable } from './refusal.ts'

/** `GET pods/NAME/log`: what a container wrote, as it is or as it comes. */
export const logHandler = (kubelets: KubeletClient): SubresourceHandler => ({
  async handle(request) {
    const { namespace, name, context } = request
    const options = parseLogOptions(request.query, name)
    const pod = findPod(request)
    const container = chooseContainer(pod, options.container)
    const nodeName = pod.spec?.nodeName
    // Nothing has run anywhere, so nothing was written.
    if (!nodeName) return { answer: { status: 200, headers: textHeaders, body: '' } }
    const answer = await ask(kubelets, {
      ...findKubelet(request, nodeName),
      path: kubeletPath(['containerLogs', namespace, name, container], options.query),
      signal: context.signal,
      skipVerification: options.skipVerification,
    })
    if (answer.statusCode !== 200) throw refusalStatus(answer.statusCode ?? 500, await readRefusal(answer), name)
    return { answer: { status: 200, headers: textHeaders, body: readLog(answer, context.signal) } }
  },
})

const textHeaders = { 'content-type': 'text/plain' }
const nothing = new Uint8Array()

async function ask(kubelets: KubeletClient, target: KubeletTarget): Promise<IncomingMessage> {
  try {
    return await kubelets.get(target)
  } catch (error) {
    throw unreachable(`Get "https://${target.host}:${target.port}${target.path}"`, error)
  }
}

/** The kubelet's connection ends with the iteration: when the log ends, and when the client goes. */
async function* readLog(answer: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // Sends the head: a client that follows a silent container wants to know that it is connected.
  yield nothing
  try {
    yield* answer as AsyncIterable<Buffer>
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
