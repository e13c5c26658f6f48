import type { PendingWrite } from './head.ts'
import type { Operation, StorageView } from './types.ts'

/** What operations do to head: new versions and deletions. Deleting a key that isn't there does nothing. */
export function toWrites(operations: readonly Operation[], revision: number, time_ms: number, head: StorageView): PendingWrite[] {
  assertDistinct(operations)
  const writes: PendingWrite[] = []
  for (const operation of operations) {
    const { key } = operation
    const current = head.get(key)
    if (operation.type === 'delete') {
      if (current)
        writes.push({ key, version: undefined, previousRevision: current.revision, createRevision: current.createRevision, expires_ms: 0 })
      continue
    }
    const { value, memo, timeToLive_ms } = operation
    const createRevision = current?.createRevision ?? revision
    writes.push({
      key,
      version: { key, value, revision, createRevision, memo },
      previousRevision: current?.revision ?? 0,
      createRevision,
      expires_ms: timeToLive_ms === undefined ? 0 : time_ms + timeToLive_ms,
    })
  }
  return writes
}

/** A commit has one revision, so that a second write of the same key in it could not be told from the first. */
function assertDistinct(operations: readonly Operation[]) {
  if (operations.length < 2) return
  const keys = new Set<string>()
  for (const { key } of operations) {
    if (keys.has(key)) throw new TypeError(`commit ${describeOperations(operations)}: ${key} is written twice`)
    keys.add(key)
  }
}

export const describeOperations = (operations: readonly { readonly key: string }[]): string =>
  operations.length === 1 ? String(operations[0]?.key) : `${operations[0]?.key ?? 'nothing'} and ${Math.max(0, operations.length - 1)} more`
