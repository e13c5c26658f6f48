export interface HeaderField {
  readonly name: string
  readonly value: string
}

const fields = (text: string): HeaderField[] =>
  text
    .trim()
    .split('\n')
    .map(line => {
      const [name = '', value = ''] = line.trim().split(' = ')
      return { name, value }
    })

/** RFC 7541, appendix A; the first has index 1. */
export const staticTable: readonly HeaderField[] = fields(`
  :authority
  :method = GET
  :method = POST
  :path = /
  :path = /index.html
  :scheme = http
  :scheme = https
  :status = 200
  :status = 204
  :status = 206
  :status = 304
  :status = 400
  :status = 404
  :status = 500
  accept-charset
  accept-encoding = gzip, deflate
  accept-language
  accept-ranges
  accept
  access-control-allow-origin
  age
  allow
  authorization
  cache-control
  content-disposition
  content-encoding
  content-language
  content-length
  content-location
  content-range
  content-type
  cookie
  date
  etag
  expect
  expires
  from
  host
  if-match
  if-modified-since
  if-none-match
  if-range
  if-unmodified-since
  last-modified
  link
  location
  max-forwards
  proxy-authenticate
  proxy-authorization
  range
  referer
  refresh
  retry-after
  server
  set-cookie
  strict-transport-security
  transfer-encoding
  user-agent
  vary
  via
  www-authenticate
`)

/** The dynamic table, newest first: what a client said once it may later say by number, within a budget of bytes. */
export interface DynamicTable {
  /** The field that has this index on the wire, static ones included. */
  get(index: number): HeaderField | undefined
  add(field: HeaderField): void
  resize(bytes: number): void
}

/** What an entry costs beside its text, by the RFC's count. */
export const entryOverhead_bytes = 32

export function createDynamicTable(maximum_bytes: number): DynamicTable {
  // The newest is last.
  let entries: HeaderField[] = []
  let limit = maximum_bytes
  let used = 0

  const evict = () => {
    let gone = 0
    while (used > limit) used -= costOf(entries[gone++] as HeaderField)
    if (gone > 0) entries = entries.slice(gone)
  }

  return {
    get: index => (index <= staticTable.length ? staticTable[index - 1] : entries[entries.length - (index - staticTable.length)]),
    add(field) {
      entries.push(field)
      used += costOf(field)
      evict()
    },
    resize(bytes) {
      limit = bytes
      evict()
    },
  }
}

export const costOf = ({ name, value }: HeaderField): number => name.length + value.length + entryOverhead_bytes
