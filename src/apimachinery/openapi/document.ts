import { createHash } from 'node:crypto'

/** A JSON object of an OpenAPI document. */
export type Json = Readonly<Record<string, unknown>>

/** A whole document, v2 or v3. */
export type OpenApiDocument = Json

/** Part of the address of a v3 document, so that clients may cache it for ever. */
export const openApiHash = (document: OpenApiDocument): string =>
  createHash('sha512').update(JSON.stringify(document)).digest('hex').toUpperCase()

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** The object without entries that are undefined. */
export const compact = (object: Readonly<Record<string, unknown>>): Json =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

/** With sorted keys, so that documents don't depend on the order in which kinds came. */
export const sorted = <T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
