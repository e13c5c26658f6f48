import type { Logger } from '../../base/index.ts'
import type { HostAccess } from '../host/types.ts'
import type { KubeletPod } from '../options.ts'
import type { ContainerRuntime } from '../runtime/types.ts'

const maximum_bytes = 10 * 1024 * 1024
const keptFiles = 5

/** Containers' logs are cut into files: `0.log` is written to, `0.log.1` is the one before it. */
export async function rotateLogs(pods: readonly KubeletPod[], runtime: ContainerRuntime, host: HostAccess, logger: Logger): Promise<void> {
  if (!host.real) return
  for (const { containers } of pods) {
    for (const { id, state, logPath } of containers) {
      if (state !== 'running' || !logPath || ((await host.inspect(logPath))?.size_bytes ?? 0) < maximum_bytes) continue
      await shift(host, logPath)
      await runtime.reopenContainerLog(id)
      logger.debug('rotated the log of a container', { id, logPath })
    }
  }
}

async function shift(host: HostAccess, path: string): Promise<void> {
  await host.remove(`${path}.${keptFiles - 1}`)
  for (let index = keptFiles - 2; index >= 1; index--) {
    if (await host.inspect(`${path}.${index}`)) await host.rename(`${path}.${index}`, `${path}.${index + 1}`)
  }
  await host.rename(path, `${path}.1`)
}
