import type { ConfigMap } from '../../apis/core/config-map.ts'
import type { Secret } from '../../apis/core/secret.ts'
import type { KeyToPath } from '../../apis/core/volume.ts'
import { VolumeError } from './types.ts'

export interface PayloadFile {
  readonly content: Uint8Array
  readonly mode: number
  /** Whose it is; root's without. */
  readonly owner?: number
}
/** Files by their path in the volume. */
export type Payload = ReadonlyMap<string, PayloadFile>

export const defaultMode = 0o644

interface Selection {
  readonly items?: readonly KeyToPath[]
  readonly optional?: boolean
  readonly mode: number
  /** `configmap "site"`, for messages. */
  readonly what: string
}

/** The files that a ConfigMap or Secret becomes: all keys, or the chosen ones under the paths given for them. */
export function selectKeys(data: ReadonlyMap<string, Uint8Array>, { items, optional, mode, what }: Selection): Payload {
  if (!items?.length) return new Map([...data].map(([key, content]) => [key, { content, mode }]))
  const chosen = new Map<string, PayloadFile>()
  for (const { key, path, mode: own } of items) {
    const content = data.get(key)
    if (content !== undefined) chosen.set(safePath(path), { content, mode: own ?? mode })
    else if (!optional) throw new VolumeError(`${what} references non-existent config key: ${key}`)
  }
  return chosen
}

export function configMapData({ data = {}, binaryData = {} }: ConfigMap): Map<string, Uint8Array> {
  const texts = Object.entries(data).map(([key, text]): [string, Uint8Array] => [key, Buffer.from(text, 'utf8')])
  const binaries = Object.entries(binaryData).map(([key, encoded]): [string, Uint8Array] => [key, Buffer.from(encoded, 'base64')])
  return new Map([...texts, ...binaries])
}

export const secretData = ({ data = {} }: Secret): Map<string, Uint8Array> =>
  new Map(Object.entries(data).map(([key, encoded]) => [key, Buffer.from(encoded, 'base64')]))

/** The API server refuses such paths; checked again, because a file outside of the volume would be the machine's. */
export function safePath(path: string): string {
  const steps = path.split('/')
  if (path.startsWith('/') || steps.includes('..') || steps[0]?.startsWith('..'))
    throw new VolumeError(`path ${JSON.stringify(path)} leads outside of the volume`)
  return steps.filter(step => step !== '' && step !== '.').join('/')
}
