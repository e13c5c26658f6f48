import type { Pod } from '../../apis/core/pod.ts'
import type { ServiceAccountTokenProjection, VolumeProjection } from '../../apis/core/volume.ts'
import { containersOf, initContainersOf } from '../pods/containers.ts'
import { writeAtomically } from './atomic-files.ts'
import { configMapPayload } from './config-map.ts'
import { downwardPayload } from './downward-api.ts'
import { defaultMode, type Payload, type PayloadFile, safePath } from './payload.ts'
import { secretPayload } from './secret.ts'
import { fsGroupOf, type VolumeContext, VolumeError, type VolumePlugin } from './types.ts'

const hour_s = 3600

export const projectedVolume: VolumePlugin = {
  type: 'projected',
  async setUp(context) {
    const { sources = [], defaultMode: mode = defaultMode } = context.volume.projected ?? {}
    const payload = new Map<string, PayloadFile>()
    let renew_ms: number | undefined
    for (const source of sources) {
      const part = await projection(context, source, mode)
      for (const [path, file] of part.payload) payload.set(path, file)
      if (part.renew_ms !== undefined) renew_ms = Math.min(part.renew_ms, renew_ms ?? part.renew_ms)
    }
    await writeAtomically(context.host, context.memoryDirectory, payload, fsGroupOf(context.pod))
    return { path: context.memoryDirectory, readOnly: true, renew_ms }
  },
}

interface Part {
  readonly payload: Payload
  readonly renew_ms?: number
}

async function projection(context: VolumeContext, source: VolumeProjection, mode: number): Promise<Part> {
  if (source.configMap) return { payload: await configMapPayload(context, source.configMap, mode) }
  if (source.secret) return { payload: await secretPayload(context, source.secret, mode) }
  if (source.downwardAPI) return { payload: downwardPayload(context, source.downwardAPI.items ?? [], mode) }
  if (source.serviceAccountToken) return tokenPart(context, source.serviceAccountToken, mode)
  const unknown = Object.keys(source)[0] ?? 'an empty source'
  throw new VolumeError(`projected volume source ${unknown} is not supported by this node`)
}

async function tokenPart(
  context: VolumeContext,
  { audience, expirationSeconds = hour_s, path }: ServiceAccountTokenProjection,
  mode: number,
): Promise<Part> {
  const { token, renew_ms } = await context.token({ audience, expirationSeconds })
  const owner = commonUser(context.pod)
  // For its owner alone, where it has one: who else shall read it has the group.
  const isOwned = owner !== undefined || fsGroupOf(context.pod) !== undefined
  const file = { content: Buffer.from(token), mode: isOwned ? 0o600 : mode, ...(owner !== undefined && { owner }) }
  return { payload: new Map([[safePath(path), file]]), renew_ms }
}

/** The user that all containers run as; undefined where one says nothing or they differ. */
function commonUser(pod: Pod): number | undefined {
  const users = new Set(
    [...initContainersOf(pod), ...containersOf(pod)].map(
      ({ securityContext }) => securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser,
    ),
  )
  return users.size === 1 ? [...users][0] : undefined
}
