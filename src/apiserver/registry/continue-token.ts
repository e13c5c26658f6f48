import { badRequest } from '../../apimachinery/api-errors.ts'
import { DecodeError, decode, parseJson } from '../../apimachinery/codec/index.ts'
import { int64, object, optional, text } from '../../apimachinery/schema.ts'

/** Where a list in pages goes on: from which key, at which revision; -1 goes on with what is there now. */
export interface ContinueToken {
  readonly revision: number
  /** Relative to the collection's prefix. */
  readonly start: string
}

/** In upstream's own form, which some clients decode to show progress. */
export const encodeContinueToken = ({ revision, start }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url')

export function decodeContinueToken(token: string): ContinueToken {
  const wrong = firstForeign(token)
  if (wrong !== undefined) throw invalid(`: illegal base64 data at input byte ${wrong}`)
  const { v, rv = 0, start = '' } = readFields(Buffer.from(token, 'base64url'))
  if (v !== 'meta.k8s.io/v1') throw invalid(`: server does not recognize this encoded version ${v ?? ''}`)
  if (rv === 0) throw invalid(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (start === '') throw invalid(': encoded start key empty (version meta.k8s.io/v1)')
  if (!staysBelow(start)) throw invalid(`: ${start}`)
  return { revision: rv, start }
}

const invalid = (reason: string) => badRequest(`invalid continue token: continue key is not valid${reason}`)

/** The index at which Go's decoder of unpadded base64 for addresses stops; undefined where it reads everything. */
function firstForeign(token: string): number | undefined {
  const foreign = token.search(/[^A-Za-z0-9_-]/)
  if (foreign >= 0) return foreign
  return token.length % 4 === 1 ? token.length - 1 : undefined
}

const Token = object('storage.continueToken', 'Where a list goes on.', {
  v: optional(0, text, 'The version of its form.'),
  rv: optional(0, int64, 'The revision of the list.'),
  start: optional(0, text, 'The first key.'),
})

function readFields(bytes: Uint8Array) {
  try {
    return decode(Token, parseJson(bytes) ?? {})
  } catch (error) {
    if (error instanceof DecodeError) throw invalid(`: ${error.message}`)
    throw error
  }
}

/** A key that climbs out of its collection would read others'. */
const staysBelow = (start: string): boolean =>
  start
    .replace(/^\//, '')
    .split('/')
    .every((part, _, parts) => part !== '.' && part !== '..' && (part !== '' || parts.length === 1))
