import { Transform } from 'node:stream'

/** The attributes of HTML that are links, by element. */
const linkAttributes: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['formaction', 'src', 'usemap'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
}

/** A tag that is longer is no tag that anybody meant, and passes as it is, with what came together with it. */
const longestTag = 8 * 1024

/** Rewrites the links of a page while it passes; everything else stays byte for byte. */
export function createLinkRewriter(rewrite: (link: string) => string): Transform {
  // Latin-1 keeps every byte; what links are made of is ASCII in all encodings that the web uses.
  let held = ''
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const { text, rest } = rewriteTags(held + chunk.toString('latin1'), rewrite)
      held = rest
      done(null, Buffer.from(text, 'latin1'))
    },
    flush(done) {
      done(null, Buffer.from(held, 'latin1'))
    },
  })
}

/** Rewrites what is complete; the beginning of a tag or comment whose end is not here yet is the rest. */
export function rewriteTags(text: string, rewrite: (link: string) => string): { readonly text: string; readonly rest: string } {
  let done = ''
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('<', at)
    if (open < 0) break
    const end = endOfTag(text, open)
    if (end === undefined) {
      // To look for tags behind it would be to read all of it again for each bracket.
      if (text.length - open > longestTag) break
      return { text: done + text.slice(at, open), rest: text.slice(open) }
    }
    done += text.slice(at, open) + rewriteTag(text.slice(open, end), rewrite)
    at = end
  }
  return { text: done + text.slice(at), rest: '' }
}

/** The index behind a tag or comment that begins here; behind the bracket itself where none does; undefined if its end is missing. */
function endOfTag(text: string, open: number): number | undefined {
  if (text.startsWith('<!--', open)) {
    const close = text.indexOf('-->', open + 4)
    return close < 0 ? undefined : close + 3
  }
  const next = text[open + 1]
  if (next === undefined || (next === '!' && text.length < open + 4)) return undefined
  if (!/[a-z/!?]/i.test(next)) return open + 1
  let quote = ''
  for (let index = open + 1; index < text.length; index++) {
    const character = text[index] as string
    if (quote !== '') quote = character === quote ? '' : quote
    else if (character === '>') return index + 1
    else if ((character === '"' || character === "'") && text[index - 1] === '=') quote = character
  }
  return undefined
}

function rewriteTag(tag: string, rewrite: (link: string) => string): string {
  const name = /^<([a-z]+)/i.exec(tag)?.[1]?.toLowerCase() ?? ''
  const attributes = Object.hasOwn(linkAttributes, name) ? linkAttributes[name] : undefined
  if (!attributes) return tag
  return tag.replace(
    /(\s)([a-z]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))/gi,
    (whole, space, attribute, equals, double, single, bare) => {
      if (!attributes.includes(attribute.toLowerCase())) return whole
      const link = double ?? single ?? bare
      const rewritten = rewrite(link)
      if (rewritten === link) return whole
      const quote = single !== undefined ? "'" : '"'
      return `${space}${attribute}${equals}${quote}${rewritten}${quote}`
    },
  )
}
