import type { KeyToPath } from '../../apis/core/volume.ts'
import { writeAtomically } from './atomic-files.ts'
import { defaultMode, type Payload, secretData, selectKeys } from './payload.ts'
import { fsGroupOf, type VolumeContext, VolumeError, type VolumePlugin } from './types.ts'

export const secretVolume: VolumePlugin = {
  type: 'secret',
  async setUp(context) {
    const { secretName, items, optional, defaultMode: mode = defaultMode } = context.volume.secret ?? {}
    const payload = await secretPayload(context, { name: secretName, items, optional }, mode)
    await writeAtomically(context.host, context.memoryDirectory, payload, fsGroupOf(context.pod))
    return { path: context.memoryDirectory, readOnly: true }
  },
}

interface SecretSource {
  readonly name?: string
  readonly items?: readonly KeyToPath[]
  readonly optional?: boolean
}

export async function secretPayload(context: VolumeContext, { name = '', items, optional }: SecretSource, mode: number): Promise<Payload> {
  const found = await context.secret(name)
  if (!found && !optional) throw new VolumeError(`secret ${JSON.stringify(name)} not found`)
  return found ? selectKeys(secretData(found), { items, optional, mode, what: 'secret' }) : new Map()
}
