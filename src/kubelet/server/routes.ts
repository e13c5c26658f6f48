import type { IncomingMessage, ServerResponse } from 'node:http'
import { NodeRequestError, runningContainerId } from './containers.ts'
import type { ContainerEnds } from './logs/container-ends.ts'
import { serveLogFiles } from './logs/serve-log-files.ts'
import { serveLogs } from './logs/serve-logs.ts'
import { answerSummary } from './stats/answer-summary.ts'
import { cadvisorMetrics, resourceMetrics } from './stats/metrics-text.ts'
import { readUsage } from './stats/node-usage.ts'
import type { UsageRates } from './stats/usage-rates.ts'
import { servePortForward } from './streams/serve-port-forward.ts'
import { parseWantedStreams, serveRemoteCommand } from './streams/serve-remote-command.ts'
import type { UpgradeRequest } from './streams/upgrade.ts'
import type { NodePod, NodeServerOptions } from './types.ts'

export interface NodeContext {
  readonly options: NodeServerOptions
  readonly ends: ContainerEnds
  readonly rates: UsageRates
}

const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Everything that is answered in HTTP. */
export async function serveRequest(context: NodeContext, request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
  const { options } = context
  const [, room, ...rest] = url.pathname.split('/').map(decodeURIComponent)
  if (room === 'exec' || room === 'attach' || room === 'portForward')
    throw new NodeRequestError(400, `unable to upgrade: missing upgrade headers in the request for ${url.pathname}`)
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(url)
  switch (room) {
    case 'healthz':
      return send(response, 'text/plain; charset=utf-8', 'ok')
    case 'pods':
      return send(response, 'application/json', podList(options.pods.list()))
    case 'runningpods':
      return send(response, 'application/json', podList(options.pods.list().filter(({ sandboxId }) => sandboxId !== undefined)))
    case 'logs':
      return serveLogFiles(options.logFolder ?? '/var/log', rest, response)
    case 'containerLogs': {
      const [namespace = '', pod = '', container = ''] = rest
      return serveLogs(options, context.ends, { namespace, pod, container }, url.searchParams, response)
    }
    case 'stats':
      if (rest[0] === 'summary') return send(response, 'application/json', JSON.stringify(await answerSummary(options, context.rates)))
      break
    case 'metrics':
      return serveMetrics(context, rest[0], response)
  }
  throw new NodeRequestError(404, '404 page not found')
}

/** Exec and attach at /exec/NAMESPACE/POD[/UID]/CONTAINER, port forwarding at /portForward/NAMESPACE/POD[/UID]. */
export async function serveUpgrade({ options }: NodeContext, upgrade: UpgradeRequest, url: URL): Promise<void> {
  const { runtime } = options
  const [, room, namespace = '', name = '', ...rest] = url.pathname.split('/').map(decodeURIComponent)
  if (room !== 'exec' && room !== 'attach' && room !== 'portForward')
    throw new NodeRequestError(400, `${url.pathname} is not served by upgrade`)
  const uid = rest.length > (room === 'portForward' ? 0 : 1) ? rest.shift() : undefined
  const pod = options.pods.get(namespace, name)
  if (!pod || (uid && uid !== pod.pod.metadata?.uid)) throw new NodeRequestError(404, 'pod does not exist')

  if (room === 'portForward') {
    const { sandboxId } = pod
    if (!sandboxId) throw new NodeRequestError(500, `pod ${namespace}/${name} has no network yet: its sandbox doesn't run`)
    return servePortForward(upgrade, url.searchParams.getAll('port'), { ...options, open: port => runtime.portForward(sandboxId, port) })
  }
  const wanted = parseWantedStreams(url.searchParams)
  const id = runningContainerId(pod, rest[0] ?? '')
  const command = url.searchParams.getAll('command')
  if (room === 'exec' && !command.length) throw new NodeRequestError(400, 'you must specify at least one command for the container')
  return serveRemoteCommand(
    upgrade,
    wanted,
    () => (room === 'exec' ? runtime.exec(id, { ...wanted, command }) : runtime.attach(id, wanted)),
    options,
  )
}

function refuseMethod(url: URL): never {
  throw new NodeRequestError(405, `405: Method Not Allowed on ${url.pathname}`)
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}

const podList = (pods: readonly NodePod[]): string =>
  JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods.map(({ pod }) => pod) })

/** Scrapers ask for them apart, since there are some for each container. */
const isOfProbes = (name: string): boolean => name.startsWith('prober_')

async function serveMetrics({ options }: NodeContext, kind: string | undefined, response: ServerResponse): Promise<void> {
  if (kind === undefined)
    return send(
      response,
      metricsType,
      options.metrics.render(name => !isOfProbes(name)),
    )
  if (kind === 'probes') return send(response, metricsType, options.metrics.render(isOfProbes))
  if (kind !== 'resource' && kind !== 'cadvisor') throw new NodeRequestError(404, '404 page not found')
  const containers = await options.runtime.containerStats()
  const pods = options.pods.list()
  if (kind === 'cadvisor') return send(response, metricsType, cadvisorMetrics(containers, pods))
  return send(response, metricsType, resourceMetrics(await readUsage(options), containers, pods, options.clock.now()))
}
