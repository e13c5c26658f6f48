import type { MetricsRegistry } from '../../base/metrics.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ResourceCatalog } from '../resources.ts'
import type { VersionInfo } from '../types.ts'

/** What is told of the server as a whole under upstream's names: taken when somebody asks, so nobody pays for it before. */
export function measureServer(metrics: MetricsRegistry, storage: Storage, catalog: ResourceCatalog, version: VersionInfo): void {
  const objects = metrics.gauge('apiserver_resource_objects', 'Number of stored objects at the time of last check split by kind.', () => {
    for (const kind of catalog.kinds) {
      if (!kind.verbs.includes('get') || kind.computed) continue
      const { group, resource } = kind
      objects.set(storage.committed.count(catalog.ofKind(kind).keyPrefix), { group, resource })
    }
    return undefined
  })
  metrics.gauge('proa_storage_revision', 'The newest committed revision.', () => storage.committed.revision)
  const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform } = version
  metrics.gauge('kubernetes_build_info', 'Which version of the API this server serves, and what it was built from.').set(1, {
    major,
    minor,
    git_version: gitVersion,
    git_commit: gitCommit,
    git_tree_state: gitTreeState,
    build_date: buildDate,
    go_version: goVersion,
    compiler,
    platform,
  })
}
