import type { Storage } from '../../storage/storage.ts'
import type { StoredVersion } from '../../storage/types.ts'
import { releaseDecoded } from '../registry/stored-object.ts'

/** Once all watchers have been told of a change, the decoded form of what it replaced is let go. */
export function releaseHistory(storage: Storage): () => void {
  let replaced: StoredVersion[] = []
  const watch = storage.watch('/registry/', storage.committed.revision, events => {
    for (const { old } of events) if (old) replaced.push(old)
  })
  const commits = storage.onCommit(() => {
    for (const version of replaced) releaseDecoded(version)
    replaced = []
  })
  return () => {
    watch.close()
    commits.close()
  }
}
