import { badRequest } from '../../apimachinery/api-errors.ts'

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
  const invalid = (reason: string) => badRequest(`continue key is not valid: ${reason}`)
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(token, 'base64').toString())
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
  const { v, rv, start } = (value ?? {}) as Record<string, unknown>
  if (v !== 'meta.k8s.io/v1') throw invalid(`server does not recognize this encoded version ${JSON.stringify(v)}`)
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw invalid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '') throw invalid('no start key provided (version meta.k8s.io/v1)')
  return { revision: rv, start }
}
