import { constants, existsSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { startSupervisor } from '../lifecycle/up.ts'

/** How long a new supervisor may take to open its FIFO before another is started. */
const opening_ms = 1000

/**
 * Sees to the supervisors, as they see to us: each holds its FIFO open for writing, so that reading it ends in the
 * moment in which the supervisor is gone. Nothing is asked in between.
 */
export function watchSupervisors(run: string, components: readonly string[], clock: Clock, logger: Logger, signal: AbortSignal): void {
  for (const component of components) void keep(component)

  async function keep(component: string): Promise<void> {
    const fifo = join(run, `${component}.alive`)
    while (!signal.aborted) {
      try {
        await endOf(fifo, signal)
        if (signal.aborted || existsSync(join(run, 'stopping'))) return
        logger.warn(`the supervisor of ${component} is gone; starting it again`)
        startSupervisor(run, component, logger)
      } catch (error) {
        logger.error(`watch the supervisor of ${component}: it failed; trying again`, { error })
      }
      await sleep(clock, opening_ms, signal).catch(() => undefined)
    }
  }
}

/** Resolves when nobody holds the FIFO open for writing (any more). */
async function endOf(fifo: string, signal: AbortSignal): Promise<void> {
  if (!existsSync(fifo)) return
  // Not blocking: without a writer a plain open would wait for one.
  const file = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  const socket = new Socket({ fd: file, readable: true, writable: false })
  // The FIFO alone must not keep the process.
  socket.unref()
  const destroy = () => socket.destroy()
  signal.addEventListener('abort', destroy, { once: true })
  await new Promise<void>(resolve => {
    socket.once('end', destroy)
    socket.once('error', destroy)
    socket.once('close', () => resolve())
    socket.resume()
  })
  signal.removeEventListener('abort', destroy)
}
