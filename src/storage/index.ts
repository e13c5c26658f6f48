/**
 * The versioned store. It keeps, for each key, versions of bytes under one ever-growing revision, and tells
 * watchers what changed. It knows no kinds and never looks inside a value; the registry hangs its decoded form
 * on the memo slot. Two views exist: *head* (ordered, not yet durable) serves compare-and-swap and unique
 * allocation only; *committed* serves every reader. Nobody but the API server imports this room.
 */
export { openStorage } from './open.ts'
export type { Storage, StorageOptions } from './storage.ts'
export * from './types.ts'
