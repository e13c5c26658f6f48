import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateHttpHeaderName } from '../../../apimachinery/names.ts'
import type { Container, ExecAction, GRPCAction, HTTPGetAction, Lifecycle, Probe, SleepAction, TCPSocketAction } from '../container.ts'
import { stopSignals } from '../stop-signals.ts'
import { validatePortNumberOrName } from './ports.ts'
import { invalid, notNegative, required } from './rules.ts'

/** What hooks depend on beyond themselves. */
export interface HookContext {
  readonly terminationGracePeriodSeconds: number | undefined
  readonly operatingSystem: string | undefined
}

export function validateProbesAndHooks(container: Container, path: string, context: HookContext): FieldError[] {
  return [
    ...(container.lifecycle ? validateLifecycle(container.lifecycle, `${path}.lifecycle`, context) : []),
    ...(container.livenessProbe ? validateSingleSuccessProbe(container.livenessProbe, `${path}.livenessProbe`) : []),
    ...(container.readinessProbe ? validateReadinessProbe(container.readinessProbe, `${path}.readinessProbe`) : []),
    ...(container.startupProbe ? validateSingleSuccessProbe(container.startupProbe, `${path}.startupProbe`) : []),
  ]
}

function validateSingleSuccessProbe(probe: Probe, path: string): FieldError[] {
  const errors = validateProbe(probe, path)
  if (probe.successThreshold !== 1) errors.push(invalidField(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
  return errors
}

function validateReadinessProbe(probe: Probe, path: string): FieldError[] {
  const errors = validateProbe(probe, path)
  const { terminationGracePeriodSeconds: period } = probe
  if (period !== undefined) {
    errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, period, 'must not be set for readinessProbes'))
  }
  return errors
}

function validateProbe(probe: Probe, path: string): FieldError[] {
  const errors = [
    ...validateHandler(probe, path, undefined),
    ...notNegative(probe.initialDelaySeconds, `${path}.initialDelaySeconds`),
    ...notNegative(probe.timeoutSeconds, `${path}.timeoutSeconds`),
    ...notNegative(probe.periodSeconds, `${path}.periodSeconds`),
    ...notNegative(probe.successThreshold, `${path}.successThreshold`),
    ...notNegative(probe.failureThreshold, `${path}.failureThreshold`),
  ]
  const { terminationGracePeriodSeconds: period } = probe
  if (period !== undefined && period <= 0) {
    errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, period, 'must be greater than 0'))
  }
  return errors
}

function validateLifecycle(lifecycle: Lifecycle, path: string, context: HookContext): FieldError[] {
  const errors: FieldError[] = []
  if (lifecycle.postStart) errors.push(...validateHandler(lifecycle.postStart, `${path}.postStart`, context))
  if (lifecycle.preStop) errors.push(...validateHandler(lifecycle.preStop, `${path}.preStop`, context))
  if (lifecycle.stopSignal !== undefined) errors.push(...validateStopSignal(lifecycle.stopSignal, `${path}.stopSignal`, context))
  return errors
}

function validateStopSignal(signal: string, path: string, { operatingSystem }: HookContext): FieldError[] {
  if (!operatingSystem) return [forbiddenField(path, 'may not be set for containers with empty `spec.os.name`')]
  const windows = ['SIGKILL', 'SIGTERM']
  if (operatingSystem === 'windows') return windows.includes(signal) ? [] : [unsupportedField(path, signal, windows)]
  return stopSignals.includes(signal) ? [] : [unsupportedField(path, signal, stopSignals)]
}

interface Handler {
  readonly exec?: ExecAction
  readonly httpGet?: HTTPGetAction
  readonly tcpSocket?: TCPSocketAction
  readonly grpc?: GRPCAction
  readonly sleep?: SleepAction
}

function validateHandler(handler: Handler, path: string, context: HookContext | undefined): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const checks: readonly (readonly [string, (() => FieldError[]) | undefined])[] = [
    ['exec', exec && (() => (exec.command?.length ? [] : [requiredField(`${path}.exec.command`)]))],
    ['httpGet', httpGet && (() => validateHttpGet(httpGet, `${path}.httpGet`))],
    ['tcpSocket', tcpSocket && (() => validatePortNumberOrName(tcpSocket.port, `${path}.tcpSocket.port`))],
    ['grpc', grpc && (() => validatePortNumberOrName(grpc.port, `${path}.grpc.port`))],
    ['sleep', sleep && (() => validateSleep(sleep, `${path}.sleep`, context))],
  ]
  const given = checks.filter(([, check]) => check !== undefined)
  if (given.length === 0) return [requiredField(path, 'must specify a handler type')]
  return given.flatMap(([name, check], index) =>
    index === 0 && check ? check() : [forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type')],
  )
}

function validateHttpGet(action: HTTPGetAction, path: string): FieldError[] {
  const schemes = ['HTTP', 'HTTPS']
  const scheme = action.scheme ?? ''
  return [
    ...required(action.path, `${path}.path`),
    ...validatePortNumberOrName(action.port, `${path}.port`),
    ...(schemes.includes(scheme) ? [] : [unsupportedField(`${path}.scheme`, scheme, schemes)]),
    ...(action.httpHeaders ?? []).flatMap(({ name = '' }) => invalid(`${path}.httpHeaders`, name, validateHttpHeaderName(name))),
  ]
}

function validateSleep(sleep: SleepAction, path: string, context: HookContext | undefined): FieldError[] {
  const seconds = sleep.seconds ?? 0
  const period = context?.terminationGracePeriodSeconds
  return period !== undefined && (seconds < 0 || seconds > period)
    ? [invalidField(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${period})`)]
    : []
}
