import { isIdentityHeader } from '../identity-headers.ts'
import { costOf, type HeaderField } from './header-table.ts'

export interface RequestHead {
  readonly method: string
  /** The path with its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly contentLength: number | undefined
  /** What it takes of memory, by HPACK's count. */
  readonly bytes: number
}

/** Where a list would mean nothing, the first one counts. */
const single = new Set(['authorization', 'content-type', 'host', 'user-agent'])
/** Of HTTP/1 connections; forbidden here. */
const connectionFields = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])
const validName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const invalidValue = /[\x00\r\n]/

/** A request's head out of its header list; undefined when it is malformed (RFC 9113, section 8). */
export function readRequestHead(fields: readonly HeaderField[]): RequestHead | undefined {
  const headers: Record<string, string | string[]> = Object.create(null)
  let method: string | undefined
  let scheme: string | undefined
  let url: string | undefined
  let authority: string | undefined
  let regular = false
  let bytes = 0
  for (const field of fields) {
    const { name, value } = field
    bytes += costOf(field)
    if (invalidValue.test(value)) return undefined
    if (name.startsWith(':')) {
      if (regular) return undefined
      if (name === ':method' && method === undefined) method = value
      else if (name === ':scheme' && scheme === undefined) scheme = value
      else if (name === ':path' && url === undefined) url = value
      else if (name === ':authority' && authority === undefined) authority = value
      else return undefined
      continue
    }
    regular = true
    if (!validName.test(name) || connectionFields.has(name) || (name === 'te' && value !== 'trailers')) return undefined
    const present = headers[name]
    if (present === undefined) headers[name] = value
    else if (name === 'content-length' && present !== value) return undefined
    else if (isIdentityHeader(name)) {
      // Thousands of them must not be copied again for each.
      if (typeof present === 'string') headers[name] = [present, value]
      else present.push(value)
    } else if (!single.has(name) && name !== 'content-length') headers[name] = `${present}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  if (!method || !scheme || !url || method === 'CONNECT') return undefined
  if (authority !== undefined) headers.host ??= authority
  const length = headers['content-length']
  if (length !== undefined && !/^\d{1,15}$/.test(String(length))) return undefined
  return { method, url, headers, contentLength: length === undefined ? undefined : Number(length), bytes }
}
