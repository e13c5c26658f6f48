import { readFileSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Storage } from '../../storage/storage.ts'
import { PreconditionFailed } from '../../storage/types.ts'
import { parseEncryptionConfiguration } from './configuration.ts'
import { createEncryptionTransform, type EncryptionTransform } from './transform.ts'

/** Encryption at rest: values are hidden on their way into the journal and shown on their way out; memory holds them plain. */
export interface Encryption {
  readonly transform: EncryptionTransform
  /** Writes anew what another key wrote, and with automatic reloading follows the file from now on. */
  start(storage: Storage): void
  /** Ends when what was stale is written anew. */
  settled(): Promise<void>
  close(): void
}

export interface EncryptionOptions {
  /** An EncryptionConfiguration; absent: nothing is hidden. */
  readonly file?: string
  readonly automaticReload?: boolean
  readonly random: Random
  readonly logger: Logger
}

export function openEncryption({ file, automaticReload, random, logger }: EncryptionOptions): Encryption {
  const read = () => (file === undefined ? [] : parseEncryptionConfiguration(readFileSync(file, 'utf8'), file, random))
  const transform = createEncryptionTransform(read(), file)
  let rewriting = Promise.resolve()
  let stopWatching = () => {}
  return {
    transform,
    start(storage) {
      const rewrite = () => {
        rewriting = rewriting.then(() => rewriteStale(storage, transform, logger))
      }
      rewrite()
      if (!automaticReload || file === undefined) return
      // The directory, since editors and configuration tools put a new file in the old one's place.
      const watcher = watch(dirname(file), (_event, name) => {
        if (name !== basename(file)) return
        try {
          transform.setRules(read())
          logger.info(`reload ${file}: the new keys write from now on`)
          rewrite()
        } catch (error) {
          logger.error(`reload ${file}: failed; the keys stay as they were`, { error })
        }
      })
      watcher.unref()
      stopWatching = () => watcher.close()
    },
    settled: () => rewriting,
    close: () => stopWatching(),
  }
}

/** Events are gone within the hour; written anew they would stay. */
const shortLived = '/registry/core/events/'

const system = { user: 'system:apiserver', userAgent: 'proa/encryption' }

/** The same value is a new version: that is how other masters and the journal learn of it. */
async function rewriteStale(storage: Storage, transform: EncryptionTransform, logger: Logger): Promise<void> {
  const stale = storage.committed.list('/registry/').filter(({ key }) => !key.startsWith(shortLived) && transform.isStale(key))
  if (stale.length === 0) return
  try {
    for (const { key, revision, value } of stale) {
      try {
        await storage.commit([{ key, revision }], [{ type: 'put', key, value }], system)
      } catch (error) {
        // Whoever wrote it meanwhile wrote it with the new key.
        if (!(error instanceof PreconditionFailed)) throw error
      }
    }
    logger.info(`rewrote ${stale.length} objects with the first key of the encryption configuration`)
  } catch (error) {
    logger.error('rewrite objects with the first key of the encryption configuration: stopped; the next start goes on', { error })
  }
}
