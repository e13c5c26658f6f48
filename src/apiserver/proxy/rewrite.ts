import type { IncomingMessage } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'
import type { HttpAnswer } from '../types.ts'
import { answerAs } from './forward.ts'
import { answeredHeaders } from './headers.ts'
import { createLinkRewriter } from './html-links.ts'
import { type LinkPlace, rewriteLink } from './link.ts'

/**
 * The answer of a pod, service or node, which does not know that it is shown below a path of the API server: links of its
 * own lead there too, in its redirects and in its pages.
 */
export function rewrittenAnswer(answer: IncomingMessage, prefix: string, host: string | undefined): HttpAnswer {
  const place: LinkPlace = { prefix, hosts: host === undefined ? [] : [host] }
  const headers = withoutCors(answeredHeaders(answer))
  const { location } = headers
  if (typeof location === 'string') return answerAs(answer, { ...headers, location: rewriteLink(location, place) })
  if (contentTypeOf(headers['content-type']) !== 'text/html') return answerAs(answer, headers)
  const plain = decompressed(answer, headers['content-encoding'])
  if (!plain) return answerAs(answer, headers)
  // Its length changes with the links, and it goes on uncompressed.
  const { 'content-length': _length, 'content-encoding': _encoding, etag: _etag, ...rest } = headers
  const rewriter = createLinkRewriter(link => rewriteLink(link, place))
  pipeline(plain, rewriter, () => undefined)
  return answerAs(answer, rest, rewriter)
}

const contentTypeOf = (value: string | readonly string[] | undefined): string =>
  String(value ?? '')
    .split(';', 1)[0]
    ?.trim()
    .toLowerCase() ?? ''

function decompressed(answer: IncomingMessage, encoding: string | readonly string[] | undefined): Readable | undefined {
  switch (encoding) {
    case undefined:
    case 'identity':
      return answer
    case 'gzip':
      return pipeline(answer, createGunzip(), () => undefined)
    case 'deflate':
      return pipeline(answer, createInflate(), () => undefined)
    default:
      return undefined
  }
}

/** Who may read the API server from another page is not for a pod to say. */
function withoutCors(headers: Record<string, string | readonly string[]>): Record<string, string | readonly string[]> {
  const names = Object.keys(headers).filter(name => name.startsWith('access-control-'))
  return names.length === 0 ? headers : Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}
