import { isConflict, isNotFound } from '../../apimachinery/api-errors.ts'
import { type Pod, podKind } from '../../apis/core/pod.ts'
import type { PodStatus } from '../../apis/core/pod-status.ts'
import { type Clock, type Logger, sleep } from '../../base/index.ts'
import type { Client } from '../../client/types.ts'
import { statusPatch } from './status-patch.ts'

/**
 * Writes pods' statuses. Of each pod only the newest counts: while one write is on its way, those that are overtaken are never sent.
 */
export interface StatusWriter {
  /** Replaces what is to be written. */
  set(pod: Pod, status: PodStatus): void
  /** Resolves once all that was set for the pod is stored, or the pod is gone. */
  flushed(podUid: string): Promise<void>
  forget(podUid: string): void
  close(): Promise<void>
}

interface Entry {
  pod: Pod
  wanted: PodStatus | undefined
  /** What the server has, as far as the last answer told. */
  stored: Pod
  writing: Promise<void> | undefined
}

const firstRetry_ms = 100
const lastRetry_ms = 5000
const mostConflicts = 5

export function createStatusWriter({ client, clock, logger }: { client: Client; clock: Clock; logger: Logger }): StatusWriter {
  const entries = new Map<string, Entry>()
  const closing = new AbortController()

  async function write(entry: Entry): Promise<void> {
    let retry_ms = firstRetry_ms
    let conflicts = 0
    while (entry.wanted && !closing.signal.aborted) {
      const status = entry.wanted
      entry.wanted = undefined
      const patch = statusPatch(entry.stored.status ?? {}, status)
      if (!patch) continue
      const { name = '', namespace, uid } = entry.pod.metadata
      try {
        const body = { metadata: { uid }, status: patch }
        entry.stored = await client.patch(
          podKind,
          namespace,
          name,
          { type: 'strategic', body },
          { subresource: 'status', signal: closing.signal },
        )
        retry_ms = firstRetry_ms
      } catch (error) {
        // Deleted, or (if it stays so) another pod of the same name: there is nothing to write to.
        if (closing.signal.aborted || isNotFound(error) || (isConflict(error) && ++conflicts > mostConflicts)) return
        logger.warn(`write the status of pod ${namespace}/${name}: trying again in ${retry_ms} ms`, { error })
        entry.wanted ??= status
        await sleep(clock, retry_ms, closing.signal).catch(() => {})
        retry_ms = Math.min(lastRetry_ms, retry_ms * 2)
      }
    }
  }

  return {
    set(pod, status) {
      const uid = pod.metadata.uid ?? ''
      const entry = entries.get(uid) ?? { pod, wanted: undefined, stored: pod, writing: undefined }
      entries.set(uid, entry)
      if (isNewer(pod, entry.stored)) entry.stored = pod
      entry.pod = pod
      entry.wanted = status
      entry.writing ??= write(entry)
        .catch(error => logger.error(`write the status of pod ${uid}: given up until it changes`, { error }))
        .finally(() => {
          entry.writing = undefined
        })
    },
    async flushed(podUid) {
      const entry = entries.get(podUid)
      while (entry?.writing) await entry.writing
    },
    forget: podUid => void entries.delete(podUid),
    async close() {
      closing.abort()
      await Promise.all([...entries.values()].map(entry => entry.writing))
    },
  }
}

/** Revisions are decimal integers, comparable across kinds. */
function isNewer(pod: Pod, stored: Pod): boolean {
  return Number(pod.metadata.resourceVersion ?? 0) > Number(stored.metadata.resourceVersion ?? 0)
}
