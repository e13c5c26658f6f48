import type { Container, HTTPGetAction, LifecycleHandler, Probe } from '../../apis/core/container.ts'
import type { ContainerRuntime } from '../runtime/types.ts'
import { RuntimeError } from '../runtime/types.ts'
import type { ProbeTransport } from './transport.ts'

/** What a probe found: `error` means that it could not be carried out, which counts as neither. */
export interface ProbeResult {
  readonly outcome: 'success' | 'failure' | 'error'
  readonly message: string
}

export interface ProbeTarget {
  readonly containerId: string
  readonly container: Container
  readonly address: string
}

interface Means {
  readonly runtime: ContainerRuntime
  readonly transport: ProbeTransport
}

const maximumRedirects = 10
const maximumMessage = 10 * 1024

export async function runProbe(
  probe: Probe,
  target: ProbeTarget,
  { runtime, transport }: Means,
  timeout_s: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  try {
    if (probe.exec) return await probeExec(runtime, target.containerId, probe.exec.command ?? [], timeout_s)
    if (probe.httpGet) return await probeHttp(transport, probe.httpGet, target, signal)
    if (probe.tcpSocket) {
      await transport.tcp(probe.tcpSocket.host || target.address, portNumber(probe.tcpSocket.port, target.container), signal)
      return { outcome: 'success', message: '' }
    }
    if (probe.grpc) return await probeGrpc(transport, probe.grpc.port, probe.grpc.service ?? '', target, signal)
    return { outcome: 'error', message: 'the probe has no handler' }
  } catch (error) {
    return { outcome: error instanceof PortError ? 'error' : 'failure', message: (error as Error).message }
  }
}

async function probeExec(runtime: ContainerRuntime, id: string, command: readonly string[], timeout_s: number): Promise<ProbeResult> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(id, command, timeout_s)
    const output = Buffer.concat([stdout, stderr]).toString('utf8', 0, maximumMessage)
    return { outcome: exitCode === 0 ? 'success' : 'failure', message: output }
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.reason !== 'Timeout') return { outcome: 'error', message: (error as Error).message }
    return { outcome: 'failure', message: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeout_s}s` }
  }
}

async function probeHttp(transport: ProbeTransport, action: HTTPGetAction, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const start = httpUrl(action, target)
  const headers = httpHeaders(action, start, 'kube-probe/1.36')
  let url = start
  for (let redirects = 0; redirects <= maximumRedirects; redirects++) {
    const { status, location, body } = await transport.http({ url, headers }, signal)
    if (status >= 300 && status < 400 && location !== undefined) {
      const next = new URL(location, url)
      // Whoever sends the probe elsewhere is alive; what is elsewhere says nothing about this pod.
      if (next.hostname !== start.hostname) return { outcome: 'success', message: `Probe terminated redirects, Response body: ${body}` }
      url = next
    } else if (status >= 200 && status < 400) return { outcome: 'success', message: body }
    else return { outcome: 'failure', message: `HTTP probe failed with statuscode: ${status}` }
  }
  return { outcome: 'failure', message: `Get "${url.href}": stopped after ${maximumRedirects} redirects` }
}

async function probeGrpc(
  transport: ProbeTransport,
  port: number,
  service: string,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const status = await transport.grpc(target.address, port, service, signal)
  return status === 'SERVING'
    ? { outcome: 'success', message: 'service healthy' }
    : { outcome: 'failure', message: `service unhealthy (responded with ${JSON.stringify(status)})` }
}

/** A hook: like a probe, but any answer at all to an HTTP request will do unless it is an error. Rejects when it fails. */
export async function runHook(
  hook: LifecycleHandler,
  target: ProbeTarget,
  { runtime, transport }: Means,
  timeout_s: number,
  sleep: (seconds: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (hook.exec) {
    const { exitCode, stdout, stderr } = await runtime.execSync(target.containerId, hook.exec.command ?? [], timeout_s)
    if (exitCode !== 0)
      throw new Error(`command exited with ${exitCode}: ${Buffer.concat([stdout, stderr]).toString('utf8', 0, maximumMessage)}`)
  } else if (hook.httpGet) {
    const url = httpUrl(hook.httpGet, target)
    const { status } = await transport.http({ url, headers: httpHeaders(hook.httpGet, url, 'kube-lifecycle/1.36') }, signal)
    if (status < 200 || status >= 400) throw new Error(`HTTP hook ${url.href} answered status ${status}`)
  } else if (hook.sleep) await sleep(hook.sleep.seconds)
  else throw new Error(`invalid handler: ${Object.keys(hook).join(', ') || 'none'}`)
}

function httpUrl(action: HTTPGetAction, target: ProbeTarget): URL {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const host = action.host || target.address
  const path = action.path ?? '/'
  const port = portNumber(action.port, target.container)
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path.startsWith('/') ? '' : '/'}${path}`)
}

/** An empty User-Agent or Accept header suppresses the usual one. */
function httpHeaders(action: HTTPGetAction, url: URL, userAgent: string): [string, string][] {
  const own = (action.httpHeaders ?? []).map(({ name, value }): [string, string] => [name, value])
  const has = (name: string) => own.some(([header]) => header.toLowerCase() === name)
  const standard: [string, string][] = [
    ['Host', url.host],
    ['User-Agent', userAgent],
    ['Accept', '*/*'],
    ['Connection', 'close'],
  ]
  const unsent = (name: string, value: string) => value === '' && ['user-agent', 'accept'].includes(name.toLowerCase())
  return [...standard.filter(([name]) => !has(name.toLowerCase())), ...own.filter(([name, value]) => !unsent(name, value))]
}

/** The container has no port of that name. */
class PortError extends Error {}

function portNumber(port: number | string, container: Container): number {
  const named = typeof port === 'string' ? container.ports?.find(({ name }) => name === port)?.containerPort : port
  const number = named ?? Number(port)
  if (!Number.isInteger(number) || number < 1 || number > 65535)
    throw new PortError(`couldn't find port ${JSON.stringify(port)} in container ${container.name}`)
  return number
}
