import { type Random, randomSuffix } from '../../base/index.ts'
import { controlGroups } from './control-groups.ts'
import { files } from './files.ts'
import { machineUsage } from './machine-usage.ts'
import { mounts } from './mounts.ts'
import type { HostAccess } from './types.ts'

/** The machine that this process runs on. Needs root for mounts, owners and control groups. */
export function linuxHost(options: { readonly random: Random }): HostAccess {
  const temporarySuffix = () => `.${randomSuffix(options.random, 8)}.tmp`
  return { real: true, ...files(temporarySuffix), ...mounts(), ...controlGroups(), usage: machineUsage }
}
