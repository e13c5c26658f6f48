import { fixedCost, traversalOf } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'
import { ArrayList, CelFailure, type CelValue, EntryMap, OpaqueValue } from '../values.ts'

interface Parts {
  readonly text: string
  readonly scheme: string
  readonly host: string
  readonly escapedPath: string
  readonly query: string
}

class UrlValue extends OpaqueValue {
  override readonly typeName = 'kubernetes.URL'
  readonly parts: Parts
  constructor(parts: Parts) {
    super()
    this.parts = parts
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof UrlValue && other.parts.text === this.parts.text
  }
}

const partsOf = (value: CelValue | undefined): Parts => (value as UrlValue).parts

export const urlLibrary = [
  defineFunction(
    'url',
    ['(string) -> kubernetes.URL'],
    ([text]) => {
      const parts = parseUrl(text as string)
      if (typeof parts === 'string') throw new CelFailure(`URL parse error during conversion from string: ${parts}`)
      return new UrlValue(parts)
    },
    { cost: traversalOf(0) },
  ),
  defineFunction('isURL', ['(string) -> bool'], ([text]) => isUrl(text as string), {
    // Before the text is known, upstream counts this as one.
    cost: { ...traversalOf(0), estimate: fixedCost(1).estimate },
  }),
  defineFunction('getScheme', ['kubernetes.URL.() -> string'], ([url]) => partsOf(url).scheme),
  defineFunction('getHost', ['kubernetes.URL.() -> string'], ([url]) => partsOf(url).host),
  defineFunction('getHostname', ['kubernetes.URL.() -> string'], ([url]) => hostname(partsOf(url).host)),
  defineFunction('getPort', ['kubernetes.URL.() -> string'], ([url]) => portOf(partsOf(url).host) ?? ''),
  defineFunction('getEscapedPath', ['kubernetes.URL.() -> string'], ([url]) => partsOf(url).escapedPath),
  defineFunction('getQuery', ['kubernetes.URL.() -> map(string, list(string))'], ([url]) => queryOf(partsOf(url).query)),
]

/** What stands behind the first colon that is not in brackets. */
function portOf(host: string): string | undefined {
  const colon = host.indexOf(':', host.startsWith('[') ? Math.max(0, host.indexOf(']')) : 0)
  return colon < 0 ? undefined : host.slice(colon + 1)
}

export const isUrl = (text: string): boolean => typeof parseUrl(text) !== 'string'

const hostname = (host: string): string => /^\[([^\]]*)\]/.exec(host)?.[1] ?? host.split(':', 1)[0] ?? ''

const shape = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

/** An absolute URI or an absolute path, as Go's ParseRequestURI has it; a text says what is wrong. */
function parseUrl(text: string): Parts | string {
  const wrong = (why: string): string => `parse ${JSON.stringify(text)}: ${why}`
  if (text === '') return wrong('empty url')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused.
  if (/[\x00-\x1f\x7f]/.test(text)) return wrong('net/url: invalid control character in URL')
  const [, scheme = '', authority, path = '', query = ''] = shape.exec(text) ?? []
  if (scheme === '' && !text.startsWith('/')) return wrong('invalid URI for request')
  if (scheme === '' && text.startsWith('//')) return { text, scheme: '', host: '', escapedPath: text.replace(/[?#].*$/s, ''), query }
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(path)?.[0]
  if (badEscape !== undefined) return wrong(`invalid URL escape ${JSON.stringify(badEscape)}`)
  const host = (authority ?? '').replace(/^.*@/s, '')
  const badHost = /[ "<>\\^`{|}]/.exec(host)?.[0]
  if (badHost !== undefined) return wrong(`invalid character ${JSON.stringify(badHost)} in host name`)
  const port = portOf(host)
  if (port !== undefined && !/^\d*$/.test(port)) return wrong(`invalid port ${JSON.stringify(`:${port}`)} after host`)
  if (host.startsWith('[') && !host.includes(']')) return wrong("missing ']' in host")
  if (scheme !== '' && authority === undefined && !path.startsWith('/')) {
    return { text, scheme: scheme.toLowerCase(), host: '', escapedPath: '', query }
  }
  return { text, scheme: scheme.toLowerCase(), host, escapedPath: escapePath(path), query }
}

const escapePath = (path: string): string =>
  path.replace(/[^\w\-.~!$&'()*+,;=:@/%[\]]/gu, letter => encodeURIComponent(letter.toWellFormed()))

function queryOf(query: string): EntryMap {
  const values = new Map<string, string[]>()
  for (const [key, value] of new URLSearchParams(query)) {
    const known = values.get(key)
    if (known) known.push(value)
    else values.set(key, [value])
  }
  const made = new EntryMap()
  for (const [key, list] of values) made.insert(key, new ArrayList(list))
  return made
}
