import { sleep } from '../../../base/index.ts'
import type { ControlGroupReadings } from '../../host/control-group-usage.ts'
import type { ContainerStats } from '../../runtime/types.ts'
import type { NodePod, NodeServerOptions } from '../types.ts'
import { readFilesystem, withinFilesystem } from './filesystems.ts'
import { readUsage } from './node-usage.ts'
import { processUsage } from './process-usage.ts'
import { type ContainerReading, type PodReading, type SummaryInput, statsSummary, type Usage } from './summary.ts'
import type { UsageRates } from './usage-rates.ts'

/** How long a first rate is measured. */
const firstRate_ms = 100

/** Reads what is used, and once more where something is seen for the first time: programs count on its rate. */
export async function answerSummary(options: NodeServerOptions, rates: UsageRates) {
  const first = await readAll(options)
  const isRated = rates.knows(containersOf(first))
  const summary = statsSummary(options.nodeName, first, rates)
  if (isRated) return summary
  await sleep(options.clock, firstRate_ms, new AbortController().signal)
  return statsSummary(options.nodeName, await readAll(options), rates)
}

const containersOf = ({ pods }: SummaryInput): string[] => pods.flatMap(({ containers }) => containers.map(({ id }) => id))

async function readAll(options: NodeServerOptions): Promise<SummaryInput> {
  const { runtime, controlGroups, clock } = options
  const now_ms = clock.now()
  const [node, filesystem, images, containers, system] = await Promise.all([
    readUsage(options),
    readFilesystem(options.podsDirectory ?? '/'),
    // What is used by pods is worth telling without it.
    runtime.imageFilesystem().catch(() => undefined),
    runtime.containerStats(),
    readSystem(options, now_ms),
  ])
  const running = Map.groupBy(containers, ({ podUid }) => podUid)
  const pods = options.pods.list().flatMap(known => {
    const own = running.get(known.pod.metadata?.uid ?? '')
    return own ? [readPod(known, own, controlGroups, now_ms)] : []
  })
  return {
    node,
    filesystem,
    imageFilesystem: images && (await withinFilesystem(images)),
    system,
    pods: await Promise.all(pods),
    now_ms,
  }
}

async function readSystem({ controlGroups, podsControlGroup, systemProcesses }: NodeServerOptions, now_ms: number) {
  const named = async (name: string, reading: Promise<Usage | undefined>) => {
    const usage = await reading
    return usage ? [{ name, usage }] : []
  }
  const processes = Object.entries(systemProcesses?.() ?? {}).map(([name, pid]) => named(name, processUsage(pid, now_ms)))
  const pods = podsControlGroup === undefined ? [] : [named('pods', readGroup(controlGroups, podsControlGroup, now_ms))]
  return (await Promise.all([...processes, ...pods])).flat()
}

async function readPod(
  { pod, sandboxId, controlGroup }: NodePod,
  containers: readonly ContainerStats[],
  groups: ControlGroupReadings | undefined,
  now_ms: number,
): Promise<PodReading> {
  // On the machine's own network, the interfaces are not the pod's.
  const hasNetwork = !pod.spec?.hostNetwork && controlGroup !== undefined && sandboxId !== undefined
  const [each, whole, interfaces] = await Promise.all([
    Promise.all(containers.map(stats => readContainer(stats, controlGroup, groups, now_ms))),
    controlGroup === undefined ? undefined : readGroup(groups, controlGroup, now_ms),
    hasNetwork ? groups?.interfaces(`${controlGroup}/${sandboxId}`) : undefined,
  ])
  return { pod, containers: each, whole, interfaces }
}

async function readContainer(
  stats: ContainerStats,
  controlGroup: string | undefined,
  groups: ControlGroupReadings | undefined,
  now_ms: number,
): Promise<ContainerReading> {
  const { id, name, timestamp_ms, writableLayer } = stats
  const counted = controlGroup === undefined ? undefined : await readGroup(groups, `${controlGroup}/${id}`, now_ms)
  const rootfs = writableLayer && (await withinFilesystem(writableLayer))
  return { id, name, usage: counted ?? { ...stats, time_ms: timestamp_ms }, rootfs }
}

async function readGroup(groups: ControlGroupReadings | undefined, path: string, time_ms: number): Promise<Usage | undefined> {
  const counted = await groups?.usage(path)
  if (!counted) return undefined
  const { memoryLimit_bytes: limit, memoryWorkingSet_bytes: used } = counted
  return { ...counted, time_ms, ...(limit !== undefined && { memoryAvailable_bytes: Math.max(0, limit - used) }) }
}
