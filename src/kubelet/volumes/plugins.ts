import { configMapVolume } from './config-map.ts'
import { downwardApiVolume } from './downward-api.ts'
import { emptyDirVolume } from './empty-dir.ts'
import { hostPathVolume } from './host-path.ts'
import { projectedVolume } from './projected.ts'
import { secretVolume } from './secret.ts'
import type { VolumePlugin } from './types.ts'

/** Every type of volume that a node can set up. */
export const volumePlugins: readonly VolumePlugin[] = [
  configMapVolume,
  downwardApiVolume,
  emptyDirVolume,
  hostPathVolume,
  projectedVolume,
  secretVolume,
]
