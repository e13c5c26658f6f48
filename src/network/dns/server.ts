import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { createAnswerer } from './answer.ts'
import { createForwarder } from './forward.ts'
import { createForwardCache } from './forward-cache.ts'
import { listen } from './listen.ts'
import type { DnsConfiguration, DnsStatistics, ServiceRecords } from './messages.ts'
import { upstreamsOf } from './resolver-configuration.ts'
import { responseCodes } from './wire.ts'
import { createZone } from './zone.ts'

/** The DNS server as it runs in its thread: a zone that is told what there is, and sockets that answer from it. */
export interface DnsServer {
  readonly port: number
  setServices(services: readonly (readonly [string, ServiceRecords | undefined])[]): void
  setNamespaces(added: readonly string[], removed: readonly string[]): void
  synced(): void
  statistics(): DnsStatistics
  close(): Promise<void>
}

const codeNames = new Map<number, string>(Object.entries(responseCodes).map(([name, code]) => [code, name]))

export interface DnsServerSurroundings {
  readonly clock: Clock
  readonly random: Random
  readonly onError: (message: string) => void
  /** Called with each answer. */
  readonly onActivity?: () => void
}

export async function createDnsServer(
  configuration: DnsConfiguration,
  { clock, random, onError, onActivity }: DnsServerSurroundings,
): Promise<DnsServer> {
  const zone = createZone(configuration.clusterDomain)
  const upstreams = upstreamsOf(configuration.upstreams, configuration, clock, onError)
  const forwarder = createForwarder({ upstreams, clock, random })
  const answerer = createAnswerer({ zone, forwarder, cache: createForwardCache(clock), random })
  const responses = new Map<number, number>()
  const onAnswer = (code: number) => {
    responses.set(code, (responses.get(code) ?? 0) + 1)
    onActivity?.()
  }
  const listeners = await listen({ ...configuration, answerer, onAnswer, onError })
  return {
    port: listeners.port,
    setServices(services) {
      for (const [key, records] of services) zone.setService(key, records)
      answerer.changed()
    },
    setNamespaces(added, removed) {
      for (const name of added) zone.setNamespace(name, true)
      for (const name of removed) zone.setNamespace(name, false)
      answerer.changed()
    },
    synced: answerer.synced,
    statistics: () => ({
      responses: Object.fromEntries([...responses].map(([code, count]) => [codeNames.get(code) ?? String(code), count])),
      forwarded: answerer.forwarded,
      cacheHits: answerer.cacheHits,
    }),
    async close() {
      forwarder.close()
      await listeners.close()
    },
  }
}
