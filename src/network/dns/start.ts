import { Worker } from 'node:worker_threads'
import { type Clock, type Logger, type MetricsRegistry, sleep } from '../../base/index.ts'
import type { Client } from '../../client/types.ts'
import { startDnsFeed } from './feed.ts'
import type { DnsConfiguration, DnsStatistics, FromThread, ToThread } from './messages.ts'

export interface DnsServerOptions {
  /** Its informers for services, endpoint slices and namespaces are used. */
  readonly client: Client
  /** Port 0 takes a free one. */
  readonly listen: { readonly addresses: readonly string[]; readonly port: number }
  readonly clusterDomain: string
  /** A resolv.conf to follow (`/etc/resolv.conf` by default), or servers. */
  readonly upstreams?: string | readonly string[]
  /** The thread's entry (`thread.ts`), in source or bundled. */
  readonly threadUrl: URL
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics?: MetricsRegistry
}

export interface RunningDnsServer {
  readonly port: number
  statistics(): Promise<DnsStatistics>
  close(): Promise<void>
}

const restart_ms = 200

/** Starts the DNS server in a thread of its own and resolves when it listens; names of the cluster follow. */
export async function startDnsServer(options: DnsServerOptions): Promise<RunningDnsServer> {
  const { client, clock, listen, logger } = options
  const configuration: DnsConfiguration = {
    ...listen,
    clusterDomain: options.clusterDomain,
    upstreams: options.upstreams ?? '/etc/resolv.conf',
  }
  const stop = new AbortController()
  const count = options.metrics ? countIn(options.metrics) : () => {}
  let thread = await startThread(options.threadUrl, configuration, logger, count)
  const { port } = thread
  const feed = startDnsFeed(client, clock, message => thread.tell(message))
  const running = keepRunning()

  /** A thread that ends by itself is replaced, on the same port. */
  async function keepRunning(): Promise<void> {
    for (;;) {
      await thread.ended
      if (stop.signal.aborted) return
      logger.error(`the DNS thread of port ${port} ended by itself; starting another in ${restart_ms} ms`)
      await sleep(clock, restart_ms, stop.signal).catch(() => {})
      if (stop.signal.aborted) return
      try {
        thread = await startThread(options.threadUrl, { ...configuration, port }, logger, count)
        feed.restart()
      } catch (error) {
        logger.error('start the DNS thread again: failed; trying again', { error })
      }
    }
  }

  return {
    port,
    statistics: () => thread.statistics(),
    async close() {
      stop.abort(new Error('the DNS server was closed'))
      feed.close()
      await thread.close()
      await running
    },
  }
}

interface DnsThread {
  readonly port: number
  readonly ended: Promise<void>
  tell(message: ToThread): void
  statistics(): Promise<DnsStatistics>
  close(): Promise<void>
}

async function startThread(
  url: URL,
  configuration: DnsConfiguration,
  logger: Logger,
  count: (before: DnsStatistics, now: DnsStatistics) => void,
): Promise<DnsThread> {
  const worker = new Worker(url, { resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 } })
  const listening = Promise.withResolvers<number>()
  const ended = Promise.withResolvers<void>()
  let counted: DnsStatistics = { responses: {}, forwarded: 0, cacheHits: 0 }
  const asked: ((statistics: DnsStatistics) => void)[] = []
  worker.on('message', (message: FromThread) => {
    if (message.type === 'listening') listening.resolve(message.port)
    else if (message.type === 'failed')
      listening.reject(new Error(`serve DNS on ${configuration.addresses.join(', ')} port ${configuration.port}: ${message.message}`))
    else if (message.type === 'log') logger[message.level](message.message)
    else {
      count(counted, message.statistics)
      counted = message.statistics
      if (message.asked) asked.shift()?.(message.statistics)
    }
  })
  worker.on('error', error => {
    logger.error('the DNS thread failed', { error })
    listening.reject(error)
  })
  worker.on('exit', () => {
    listening.reject(new Error('the DNS thread ended before it listened'))
    ended.resolve()
  })
  const tell = (message: ToThread) => worker.postMessage(message)
  tell({ type: 'listen', configuration })
  try {
    const port = await listening.promise
    // Serving names alone is no reason to stay alive.
    worker.unref()
    return {
      port,
      ended: ended.promise,
      tell,
      statistics: () =>
        new Promise(resolve => {
          asked.push(resolve)
          tell({ type: 'statistics' })
        }),
      async close() {
        worker.ref()
        tell({ type: 'close' })
        await ended.promise
      },
    }
  } catch (error) {
    await worker.terminate()
    throw error
  }
}

/** Adds what a thread has answered since it last told. */
function countIn(metrics: MetricsRegistry): (before: DnsStatistics, now: DnsStatistics) => void {
  const responses = metrics.counter('coredns_dns_responses_total', 'Answers by response code.')
  const forwarded = metrics.counter('coredns_forward_requests_total', 'Queries asked upstream.')
  const cacheHits = metrics.counter('coredns_cache_hits_total', 'Answers of upstream servers given again.')
  return (before, now) => {
    for (const [rcode, count] of Object.entries(now.responses)) responses.add({ rcode }, count - (before.responses[rcode] ?? 0))
    forwarded.add({}, now.forwarded - before.forwarded)
    cacheHits.add({}, now.cacheHits - before.cacheHits)
  }
}
