import type { Container, Probe } from '../../apis/core/container.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import type { Clock, Logger, MetricsRegistry, Timer } from '../../base/index.ts'
import type { EventRecorder } from '../../client/types.ts'
import { containerPath } from '../pods/containers.ts'
import type { ContainerRuntime } from '../runtime/types.ts'
import { type ProbeResult, runProbe } from './handler.ts'
import { createProbeCounts } from './probe-counts.ts'
import type { ProbeTransport } from './transport.ts'

export type ProbeType = 'startup' | 'readiness' | 'liveness'

/**
 * Runs the probes of running containers, each on its own timer, and remembers what they found. A probe belongs to one run of a
 * container: the next run has another id and starts afresh.
 */
export interface Prober {
  /** Starts the probes of a container that runs; idempotent. `wasReady`: what the API says about this very run, for adoption. */
  watch(run: ProbedContainer): void
  /** Ends the probes of the pod's containers that are not in `ids`. */
  keep(podUid: string, ids: ReadonlySet<string>): void
  /** A pod that terminates is still asked whether it is ready, and no longer whether it lives. */
  onlyReadiness(podUid: string): void
  /** Ends all probes of a pod that ends, and what was counted of them. */
  forget(podUid: string): void
  started(containerId: string): boolean
  ready(containerId: string): boolean
  failed(containerId: string): { readonly message: string; readonly gracePeriod_s?: number } | undefined
  close(): void
}

export interface ProbedContainer {
  readonly pod: Pod
  readonly container: Container
  readonly containerId: string
  readonly startedAt_ms: number
  readonly address: string
  readonly adopted: boolean
  readonly wasReady: boolean
  readonly wasStarted: boolean
}

interface Run {
  readonly probed: ProbedContainer
  readonly loops: Map<ProbeType, Loop>
  started: boolean
  ready: boolean
  failure: { readonly message: string; readonly gracePeriod_s?: number } | undefined
}

interface Loop {
  readonly type: ProbeType
  readonly probe: Probe
  timer: Timer | undefined
  readonly stop: AbortController
  last: ProbeResult['outcome'] | undefined
  inARow: number
  /** Attempts made before the first period is over. */
  early: number
}

interface Options {
  readonly runtime: ContainerRuntime
  readonly transport: ProbeTransport
  readonly clock: Clock
  readonly events: EventRecorder
  readonly metrics: MetricsRegistry
  readonly logger: Logger
  readonly changed: (podUid: string) => void
}

// A server needs some milliseconds until it listens. Asked again this soon, it need not wait a whole period to be ready.
const early_ms = [50, 100, 200, 400]

export function createProber(options: Options): Prober {
  const { clock, events } = options
  const runs = new Map<string, Run>()
  const counts = createProbeCounts(options.metrics)

  function schedule(run: Run, loop: Loop, delay_ms: number): void {
    if (loop.stop.signal.aborted) return
    loop.timer?.cancel()
    loop.timer = clock.setTimer(delay_ms, () => {
      turn(run, loop).catch(error =>
        options.logger.error('probe a container: the probe itself broke and has ended', { id: run.probed.containerId, error }),
      )
    })
  }

  async function turn(run: Run, loop: Loop): Promise<void> {
    const began_ms = clock.monotonic()
    const result = await attempt(run, loop)
    if (loop.stop.signal.aborted) return
    const period_ms = (loop.probe.periodSeconds ?? 10) * 1000
    const again_ms = earlyDelay(loop, result)
    if (again_ms !== undefined && again_ms < period_ms) {
      loop.early++
      return schedule(run, loop, again_ms)
    }
    loop.early = early_ms.length
    note(run, loop, result)
    if (!loop.stop.signal.aborted) schedule(run, loop, Math.max(0, period_ms - (clock.monotonic() - began_ms)))
  }

  /** Failures to connect right after the start count for nothing; commands are not repeated, since they may cost much. */
  function earlyDelay(loop: Loop, result: ProbeResult): number | undefined {
    if (result.outcome !== 'failure' || loop.type === 'liveness' || loop.probe.exec || loop.probe.initialDelaySeconds) return undefined
    return early_ms[loop.early]
  }

  async function attempt({ probed }: Run, loop: Loop): Promise<ProbeResult> {
    const timeout_s = loop.probe.timeoutSeconds ?? 1
    const limit = new AbortController()
    const end = () => limit.abort(new Error('probe timed out'))
    const timer = clock.setTimer(timeout_s * 1000, end)
    loop.stop.signal.addEventListener('abort', end, { once: true })
    try {
      return await runProbe(loop.probe, probed, options, timeout_s, limit.signal)
    } finally {
      timer.cancel()
      loop.stop.signal.removeEventListener('abort', end)
    }
  }

  function note(run: Run, loop: Loop, result: ProbeResult): void {
    const { pod, container } = run.probed
    const title = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' }[loop.type]
    counts.add(run.probed, title, result.outcome)
    if (result.outcome !== 'success') {
      const verb = result.outcome === 'failure' ? 'failed' : 'errored'
      const place = { fieldPath: containerPath(pod, container.name) }
      events.record(pod, podKind, 'Warning', 'Unhealthy', `${title} probe ${verb}: ${result.message}`, place)
    }
    // A probe that could not be carried out says nothing about the container.
    if (result.outcome === 'error') return
    loop.inARow = loop.last === result.outcome ? loop.inARow + 1 : 1
    loop.last = result.outcome
    const threshold = result.outcome === 'success' ? (loop.probe.successThreshold ?? 1) : (loop.probe.failureThreshold ?? 3)
    if (loop.inARow >= threshold) apply(run, loop, result.outcome === 'success')
  }

  function apply(run: Run, loop: Loop, success: boolean): void {
    const { pod, container } = run.probed
    const uid = pod.metadata.uid ?? ''
    if (loop.type === 'readiness') {
      if (run.ready === success) return
      run.ready = success
    } else if (success) {
      if (loop.type !== 'startup' || run.started) return
      run.started = true
      stopLoop(loop)
      startLoops(run)
    } else {
      const gracePeriod_s = loop.probe.terminationGracePeriodSeconds
      run.failure = { message: `Container ${container.name} failed ${loop.type} probe, will be restarted`, gracePeriod_s }
      stopLoop(loop)
    }
    options.changed(uid)
  }

  function startLoops(run: Run): void {
    const { container, startedAt_ms, adopted } = run.probed
    const types: readonly ProbeType[] = run.started ? ['readiness', 'liveness'] : ['startup']
    const probes = { startup: container.startupProbe, readiness: container.readinessProbe, liveness: container.livenessProbe }
    for (const type of types) {
      const probe = probes[type]
      if (!probe || run.loops.has(type)) continue
      const loop: Loop = {
        type,
        probe,
        timer: undefined,
        stop: new AbortController(),
        last: undefined,
        inARow: 0,
        early: adopted ? early_ms.length : 0,
      }
      run.loops.set(type, loop)
      schedule(run, loop, Math.max(0, startedAt_ms + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now()))
    }
  }

  function stopRun(run: Run): void {
    for (const loop of run.loops.values()) stopLoop(loop)
  }

  function keep(podUid: string, ids: ReadonlySet<string>): void {
    for (const [id, run] of runs) {
      if (run.probed.pod.metadata.uid !== podUid || ids.has(id)) continue
      stopRun(run)
      runs.delete(id)
    }
  }

  return {
    watch(probed) {
      if (runs.has(probed.containerId)) return
      const { container } = probed
      const started = container.startupProbe === undefined || probed.wasStarted
      const run: Run = {
        probed,
        loops: new Map(),
        started,
        ready: container.readinessProbe === undefined || probed.wasReady,
        failure: undefined,
      }
      runs.set(probed.containerId, run)
      startLoops(run)
    },
    keep,
    forget(podUid) {
      keep(podUid, new Set())
      counts.forget(podUid)
    },
    onlyReadiness(podUid) {
      for (const run of runs.values()) {
        if (run.probed.pod.metadata.uid !== podUid) continue
        for (const loop of run.loops.values()) if (loop.type !== 'readiness') stopLoop(loop)
      }
    },
    started: id => runs.get(id)?.started ?? false,
    ready: id => {
      const run = runs.get(id)
      return run?.started === true && run.ready
    },
    failed: id => runs.get(id)?.failure,
    close() {
      for (const run of runs.values()) stopRun(run)
      runs.clear()
    },
  }
}

function stopLoop(loop: Loop): void {
  loop.timer?.cancel()
  loop.stop.abort()
}
