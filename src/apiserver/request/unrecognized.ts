import { badRequest, type StatusError } from '../../apimachinery/api-errors.ts'
import { cannotUnmarshal } from '../../apimachinery/json-value.ts'

/** A body that is no object at all: upstream's words, with the beginning of what was sent. */
export const unrecognized = (kind: string, reason: string, bytes: Uint8Array): StatusError =>
  badRequest(`the object provided is unrecognized (must be of type ${kind}): ${reason} (${summarize(bytes)})`)

const summaryBytes = 30
const openBrace = 0x7b

function summarize(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>'
  const beginning = Buffer.from(bytes.subarray(0, summaryBytes))
  const shown = bytes[0] === openBrace ? beginning.toString() : beginning.toString('hex')
  return bytes.length > summaryBytes ? `${shown} ...` : shown
}

export const noTypeMeta = (reason: string): string => `couldn't get version/kind; json parse error: ${reason}`

/** Why its kind can't be found out; undefined where it is one, if only an empty one. */
export function typeMetaProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, `value of type ${typeMeta}`)
  for (const field of ['apiVersion', 'kind']) {
    const found = (value as Readonly<Record<string, unknown>> | null)?.[field] ?? ''
    if (typeof found !== 'string') return mismatch(found, `struct field .${field} of type string`)
  }
  return undefined
}

const typeMeta = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

const mismatch = (value: unknown, target: string): string => noTypeMeta(cannotUnmarshal(value, target))
