import { readTerminationMessage } from '../status/termination-message.ts'
import type { PodWork } from './pod-work.ts'

/** Reads what containers that have ended since left behind, before anybody hears that they ended; forgets what concerns removed ones. */
export async function readTerminationMessages(work: PodWork): Promise<void> {
  const known = new Set(work.state.of(work.uid).containers.map(({ id }) => id))
  for (const kept of [work.messages, work.applied, work.replaced]) for (const id of kept.keys()) if (!known.has(id)) kept.delete(id)
  const ended = work.state.of(work.uid).containers.filter(({ id, state }) => state === 'exited' && !work.messages.has(id))
  for (const status of ended) {
    try {
      work.messages.set(status.id, await readTerminationMessage(work.host, work.volumes.directory(work.uid), status))
    } catch (error) {
      work.messages.set(status.id, '')
      work.logger.warn('read the termination message of a container: it is left out', { id: status.id, error })
    }
  }
}
