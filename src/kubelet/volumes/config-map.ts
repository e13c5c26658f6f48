import type { ConfigMapVolumeSource } from '../../apis/core/volume.ts'
import { writeAtomically } from './atomic-files.ts'
import { configMapData, defaultMode, type Payload, selectKeys } from './payload.ts'
import { fsGroupOf, type VolumeContext, VolumeError, type VolumePlugin } from './types.ts'

export const configMapVolume: VolumePlugin = {
  type: 'configMap',
  async setUp(context) {
    const source = context.volume.configMap ?? {}
    const payload = await configMapPayload(context, source, source.defaultMode ?? defaultMode)
    await writeAtomically(context.host, context.diskDirectory, payload, fsGroupOf(context.pod))
    return { path: context.diskDirectory, readOnly: true }
  },
}

export async function configMapPayload(
  context: VolumeContext,
  source: Pick<ConfigMapVolumeSource, 'name' | 'items' | 'optional'>,
  mode: number,
): Promise<Payload> {
  const { name = '', items, optional } = source
  const found = await context.configMap(name)
  if (!found && !optional) throw new VolumeError(`configmap ${JSON.stringify(name)} not found`)
  return found ? selectKeys(configMapData(found), { items, optional, mode, what: 'configmap' }) : new Map()
}
