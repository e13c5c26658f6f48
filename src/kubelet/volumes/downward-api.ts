import type { DownwardAPIVolumeFile } from '../../apis/core/volume.ts'
import { fieldValue, resourceValue } from '../pods/downward.ts'
import { writeAtomically } from './atomic-files.ts'
import { defaultMode, type Payload, safePath } from './payload.ts'
import { fsGroupOf, type VolumeContext, type VolumePlugin } from './types.ts'

export const downwardApiVolume: VolumePlugin = {
  type: 'downwardAPI',
  async setUp(context) {
    const { items = [], defaultMode: mode = defaultMode } = context.volume.downwardAPI ?? {}
    await writeAtomically(context.host, context.diskDirectory, downwardPayload(context, items, mode), fsGroupOf(context.pod))
    return { path: context.diskDirectory, readOnly: true }
  },
}

/** Files that hold fields of the pod, or amounts that its containers ask for. */
export function downwardPayload({ pod, addresses, node }: VolumeContext, items: readonly DownwardAPIVolumeFile[], mode: number): Payload {
  const textOf = ({ fieldRef, resourceFieldRef }: DownwardAPIVolumeFile) => {
    if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, addresses)
    return resourceFieldRef ? resourceValue(pod, undefined, resourceFieldRef, node) : ''
  }
  return new Map(items.map(item => [safePath(item.path), { content: Buffer.from(textOf(item)), mode: item.mode ?? mode }]))
}
