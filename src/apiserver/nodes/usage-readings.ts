import { isJsonObject } from '../../apimachinery/json-value.ts'
import type { Node } from '../../apis/core/node.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { type Destination, type Outgoing, urlOf } from '../outgoing/index.ts'
import { limits } from './limits.ts'
import { kubeletAddress } from './location.ts'

/** What a kubelet says is used on its node, as far as it can tell rates. */
export interface UsageReading {
  readonly takenAt_ms: number
  /** Of the time for which the rates hold. */
  readonly window_ms: number
  readonly node: Usage | undefined
  readonly pods: readonly PodUsage[]
}

export interface Usage {
  readonly cpu_nanocores: number
  readonly memory_bytes: number
}

export interface PodUsage {
  readonly namespace: string
  readonly name: string
  readonly containers: readonly (Usage & { readonly name: string })[]
}

export interface UsageReadingsOptions {
  readonly outgoing: Outgoing
  readonly clientCertificate: { readonly certificate: string; readonly key: string }
  readonly certificateAuthority: string
  readonly clock: Clock
  readonly logger: Logger
}

export interface UsageReadings {
  /** Undefined where the node's kubelet does not answer. */
  read(node: Node, signal: AbortSignal): Promise<UsageReading | undefined>
}

/**
 * Asks kubelets when somebody wants to know, and not before. A kubelet tells the rate since it was asked last, so the
 * first question after a while is asked twice; who asks often pays once, and who asks at the same time shares an answer.
 */
export function createUsageReadings(options: UsageReadingsOptions): UsageReadings {
  const { clock, logger } = options
  const known = new Map<string, { readonly reading: Promise<UsageReading | undefined>; readonly startedAt_ms: number }>()

  const take = async (node: Node, previous: Promise<UsageReading | undefined> | undefined, signal: AbortSignal) => {
    const before = await previous
    const isRecent = before !== undefined && clock.now() - before.takenAt_ms <= limits.usageWindow_ms
    let since_ms = before?.takenAt_ms ?? 0
    if (!isRecent) {
      await ask(options, node, signal)
      since_ms = clock.now()
      await sleep(clock, limits.firstUsageWindow_ms, signal)
    }
    const document = await ask(options, node, signal)
    return readSummary(document, clock.now(), Math.max(1, clock.now() - since_ms))
  }
  return {
    async read(node, signal) {
      const name = node.metadata.name ?? ''
      const previous = known.get(name)
      const now = clock.now()
      if (previous && now - previous.startedAt_ms < limits.usageShared_ms) return previous.reading
      // Whoever shares it must not lose it because somebody else went away.
      const reading = take(node, previous?.reading, new AbortController().signal).catch(error => {
        logger.debug(`ask the kubelet of node ${name} what is used: failed, nothing is shown of it`, { error })
        return undefined
      })
      known.set(name, { reading, startedAt_ms: now })
      signal.throwIfAborted()
      return reading
    },
  }
}

async function ask({ outgoing, clientCertificate, certificateAuthority }: UsageReadingsOptions, node: Node, signal: AbortSignal) {
  const destination: Destination = { at: { url: urlOf('https', kubeletAddress(node)) }, clientCertificate, certificateAuthority }
  const bounds = { timeout_ms: limits.usage_ms, maximumBytes: limits.usageBytes }
  const { status, body } = await outgoing.call(destination, { method: 'GET', path: '/stats/summary', signal, ...bounds })
  if (status !== 200) throw new Error(`the kubelet answered ${status}`)
  return JSON.parse(body.toString('utf8')) as unknown
}

export function readSummary(document: unknown, takenAt_ms: number, window_ms: number): UsageReading {
  const { node, pods } = isJsonObject(document) ? document : {}
  return { takenAt_ms, window_ms, node: readUsage(node), pods: Array.isArray(pods) ? pods.flatMap(readPod) : [] }
}

/** A pod of which a container has no rate yet is left out: half of it would be wrong. */
function readPod(pod: unknown): PodUsage[] {
  if (!isJsonObject(pod) || !isJsonObject(pod.podRef) || !Array.isArray(pod.containers)) return []
  const { name, namespace } = pod.podRef
  if (typeof name !== 'string' || typeof namespace !== 'string') return []
  const containers = pod.containers.flatMap((one: unknown) => {
    const usage = readUsage(one)
    return usage && isJsonObject(one) && typeof one.name === 'string' ? [{ name: one.name, ...usage }] : []
  })
  return containers.length === pod.containers.length && containers.length > 0 ? [{ namespace, name, containers }] : []
}

function readUsage(stats: unknown): Usage | undefined {
  if (!isJsonObject(stats) || !isJsonObject(stats.cpu) || !isJsonObject(stats.memory)) return undefined
  const { usageNanoCores } = stats.cpu
  const { workingSetBytes } = stats.memory
  if (typeof usageNanoCores !== 'number' || typeof workingSetBytes !== 'number') return undefined
  return { cpu_nanocores: usageNanoCores, memory_bytes: workingSetBytes }
}
