import type { ServerResponse } from 'node:http'
import { loggedContainerId, NodeRequestError } from '../containers.ts'
import type { NodeServerOptions } from '../types.ts'
import { type ContainerEnds, hasEnded } from './container-ends.ts'
import { readLog } from './read-log.ts'

interface LogTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** `GET /containerLogs/NAMESPACE/POD/CONTAINER` with the query of v1's PodLogOptions. */
export async function serveLogs(
  options: NodeServerOptions,
  ends: ContainerEnds,
  target: LogTarget,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const wanted = parseLogQuery(query, options.clock.now())
  const found = options.pods.get(target.namespace, target.pod)
  if (!found) throw new NodeRequestError(404, 'pod does not exist')
  const id = loggedContainerId(found, target.pod, target.container, wanted.previous)
  const status = await options.runtime.containerStatus(id)
  if (!status?.logPath) throw new NodeRequestError(400, `unable to retrieve container logs for containerd://${id}`)

  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const follows = wanted.follow && !wanted.previous && !hasEnded(status)
  const log = readLog({
    ...wanted,
    path: status.logPath,
    signal: gone.signal,
    ...(follows && { ended: ends.wait(id, gone.signal) }),
  })
  try {
    response.writeHead(200, { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' })
    // A client that follows wants to know that it is connected before the first line comes.
    response.flushHeaders()
    for await (const part of log) if (!response.write(part)) await drained(response)
    response.end()
  } finally {
    gone.abort()
  }
}

export function parseLogQuery(query: URLSearchParams, now_ms: number) {
  const number = (name: string, least: number): number | undefined => {
    const text = query.get(name)
    if (text === null || text === '') return undefined
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least)
      throw new NodeRequestError(422, `${name}: Invalid value: ${text}: must be an integer, ${least} or more`)
    return value
  }
  const flag = (name: string): boolean => ['true', '1', 't', 'T', 'TRUE', 'True'].includes(query.get(name) ?? '')
  const sinceSeconds = number('sinceSeconds', 1)
  const sinceTime = query.get('sinceTime') || undefined
  if (sinceSeconds !== undefined && sinceTime) throw new NodeRequestError(422, 'at most one of sinceTime or sinceSeconds may be specified')
  const sinceTime_ms = sinceTime === undefined ? undefined : Date.parse(sinceTime)
  if (Number.isNaN(sinceTime_ms)) throw new NodeRequestError(422, `sinceTime: Invalid value: "${sinceTime}": must be RFC 3339`)
  const stream = query.get('stream') || 'All'
  if (stream !== 'All' && stream !== 'Stdout' && stream !== 'Stderr')
    throw new NodeRequestError(422, `stream: Unsupported value: "${stream}": supported values: "All", "Stdout", "Stderr"`)
  return {
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    tailLines: number('tailLines', 0),
    limit_bytes: number('limitBytes', 1),
    since_ms: sinceSeconds === undefined ? sinceTime_ms : now_ms - sinceSeconds * 1000,
    stream,
  } as const
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
