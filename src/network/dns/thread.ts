/**
 * The thread of the DNS server: names are answered however busy the agent is.
 * This file is an entry of its own; nothing imports it.
 */
import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import type { FromThread, ToThread } from './messages.ts'
import { createDnsServer, type DnsServer } from './server.ts'

if (!parentPort) throw new Error('the DNS thread must be started as a worker')
const port = parentPort
const clock = systemClock()
const random = systemRandom()
const tell = (message: FromThread) => port.postMessage(message)

let starting: Promise<DnsServer> | undefined

port.on('message', (message: ToThread) => {
  handle(message).catch((error: unknown) => tell({ type: 'failed', message: (error as Error).message }))
})

let reporting = false

/** While queries come, once a second; nothing when idle. */
function reportSoon(): void {
  if (reporting) return
  reporting = true
  clock.setTimer(1000, () => {
    reporting = false
    void starting?.then(server => tell({ type: 'statistics', statistics: server.statistics(), asked: false }))
  })
}

async function handle(message: ToThread): Promise<void> {
  if (message.type === 'listen') {
    const onError = (text: string) => tell({ type: 'log', level: 'warn', message: text })
    starting = createDnsServer(message.configuration, { clock, random, onError, onActivity: reportSoon })
    tell({ type: 'listening', port: (await starting).port })
    return
  }
  const server = await starting
  if (message.type === 'close') {
    await server?.close()
    port.close()
  } else if (message.type === 'services') server?.setServices(message.services)
  else if (message.type === 'namespaces') server?.setNamespaces(message.added, message.removed)
  else if (message.type === 'synced') server?.synced()
  else if (server) tell({ type: 'statistics', statistics: server.statistics(), asked: true })
}
